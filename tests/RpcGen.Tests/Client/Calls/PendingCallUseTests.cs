using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The uses of one pending call after another: its generations, pins and ids.</summary>
public sealed class PendingCallUseTests : PendingCallTest
{
    [Fact]
    public void A_stale_generation_moves_completes_and_pins_nothing()
    {
        long stale = Begin();
        Finish(stale);
        long generation = Begin();

        Assert.Equal(stale + 1, generation);
        Assert.False(Call.TryMove(stale, CallStage.Preparing, CallStage.Waiting));
        Assert.False(Call.TryComplete(stale));
        Assert.False(Call.TryPin(stale));
        Assert.Equal((generation, CallStage.Preparing), Call.Current);

        Finish(generation); // the stale pin was undone: this is the last one
        Assert.Equal(2, Recorder.Recycled);
    }

    [Fact]
    public void A_pinned_call_is_recycled_after_the_last_pin()
    {
        long generation = Begin();
        Call.Body.Write("body"u8);
        Assert.True(Call.TryPin(generation));
        Assert.True(Call.TryPin(generation));
        Finish(generation);
        Assert.Equal(0, Recorder.Recycled);
        Assert.Equal(4, Call.Body.Length);
        Assert.True(Call.TryPin(generation)); // while somebody pins it, others can

        Call.Unpin();
        Call.Unpin();
        Assert.Equal(0, Recorder.Recycled);
        Call.Unpin();

        Assert.Equal(1, Recorder.Recycled);
        Assert.Equal(0, Call.Body.Length);
        Assert.False(Call.TryPin(generation));
    }

    [Fact]
    public void A_recycled_call_forgets_what_it_carried()
    {
        long generation = Begin();
        Call.Headers = new Dictionary<string, object?>();
        Call.TraceParent = "trace";
        Call.ReplyMetadata = [];
        Finish(generation);

        Assert.Null(Call.Headers);
        Assert.Null(Call.TraceParent);
        Assert.Null(Call.ReplyMetadata);
        Assert.Null(Call.Link);
    }

    [Fact]
    public void A_use_begins_without_attempts_ticket_and_deadline()
    {
        long generation = Begin();
        Call.SetDeadline(new CallDeadline(TimeSpan.FromSeconds(1), 123));
        Call.BatchTicket = 5;
        Assert.Equal((TimeSpan.FromSeconds(1), 123), (Call.Timeout, Call.Deadline));
        Finish(generation);

        Begin();

        Assert.Equal((0, 0L, long.MaxValue), (Call.Attempts, Call.BatchTicket, Call.Deadline));
    }

    [Fact]
    public void An_id_leads_to_the_use_that_it_was_made_for()
    {
        long first = Begin();
        CorrelationId id = Call.Id;
        Finish(first);
        long second = Begin();

        Assert.NotEqual(id.Number, Call.Id.Number);
        Assert.True(Table.TryFind(id, out PendingMessage found, out long generation));
        Assert.Equal((Call, first), (found, generation));
        Assert.True(Table.TryFind(Call.Id, out _, out generation));
        Assert.Equal(second, generation);
    }

    [Fact]
    public void A_call_that_no_pool_takes_leaves_its_slot_and_passes_its_generation_on()
    {
        Recorder.HasRoom = false;
        long generation = Begin();
        Finish(generation);

        Assert.Empty(Table.Snapshot());
        var next = new PendingCall(Recorder, Recorder, Table, Time);
        Assert.Equal((generation, CallStage.Idle), next.Current);
        Assert.Equal(generation + 1, next.Begin(new TestMethod<int>(), Route, batching: null));
    }

    [Fact]
    public void An_abandoned_call_is_recycled_without_an_outcome()
    {
        long generation = Begin();

        Call.Abandon(generation);
        Call.Abandon(generation);

        Assert.Equal((1, null, 0), (Recorder.Recycled, Recorder.Failure, Recorder.Completed));
        Assert.Equal(CallStage.Idle, Call.Current.Stage);
    }

    [Fact]
    public void A_call_that_has_its_outcome_is_not_abandoned()
    {
        long generation = Begin();
        Assert.True(Call.TryComplete(generation));

        Call.Abandon(generation);

        Assert.Equal(CallStage.Done, Call.Current.Stage);
        Assert.Equal(0, Recorder.Recycled);
    }

    [Fact]
    public void The_remaining_time_is_rounded_up_and_never_zero()
    {
        Begin();
        Assert.Equal((long)RpcTimeouts.Longest.TotalMilliseconds, Call.RemainingMilliseconds());

        Call.SetDeadline(CallDeadline.Start(TimeSpan.FromMilliseconds(20), Time, Time.GetTimestamp(), out _));
        Assert.Equal(20, Call.RemainingMilliseconds());
        Time.Advance(TimeSpan.FromMilliseconds(0.5));
        Assert.Equal(20, Call.RemainingMilliseconds());
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(19, Call.RemainingMilliseconds());
        Time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(1, Call.RemainingMilliseconds());
    }

    [Fact]
    public void Cancellation_reaches_the_use_that_it_was_registered_for_alone()
    {
        using var source = new CancellationTokenSource();
        long first = Begin();
        Call.WatchCancellation(source.Token);
        Finish(first);
        long second = Begin();
        Call.WatchCancellation(CancellationToken.None);

        source.Cancel();
        Assert.Empty(Recorder.Cancelled);

        using var other = new CancellationTokenSource();
        Call.WatchCancellation(other.Token);
        other.Cancel();
        Assert.Equal([second], Recorder.Cancelled);
    }

    private long Begin() => Call.Begin(new TestMethod<int>(), Route, batching: null);

    private void Finish(long generation)
    {
        Assert.True(Call.TryComplete(generation));
        Assert.True(Call.TryEnd());
        Call.Unpin();
    }
}
