using Microsoft.Extensions.Time.Testing;
using RpcGen.Client.Calls;
using RpcGen.Protocol;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The life of a pending call: every move of its state machine, its generations and its pins.</summary>
public sealed class PendingCallTests
{
    private static readonly RequestRoute Route = RequestRoute.ToQueue("q", RpcBodyStyle.Object);

    private readonly FakeTimeProvider _time = new();
    private readonly SlotTable<PendingMessage> _table = new(new CallIdCipher(high: 1, low: 2));
    private readonly Recorder _recorder = new();
    private readonly PendingCall _call;

    public PendingCallTests() => _call = new PendingCall(_recorder, _recorder, _table, _time);

    [Fact]
    public void Every_legal_move_happens_from_its_stage_alone()
    {
        (CallStage From, CallStage To)[] moves =
        [
            (CallStage.Preparing, CallStage.Waiting),
            (CallStage.Preparing, CallStage.Sent),
            (CallStage.Waiting, CallStage.Sending),
            (CallStage.Sending, CallStage.Sent),
            (CallStage.Sent, CallStage.Waiting),
            (CallStage.Sent, CallStage.Done),
            (CallStage.Done, CallStage.Idle),
        ];
        foreach ((CallStage from, CallStage to) in moves)
        {
            foreach (CallStage stage in Enum.GetValues<CallStage>())
            {
                PendingCall call = At(stage, out long generation);

                Assert.Equal(stage == from, call.TryMove(generation, from, to));
                Assert.Equal((generation, stage == from ? to : stage), call.Current);
            }
        }
    }

    [Fact]
    public void A_call_completes_once_from_every_stage_of_its_life()
    {
        foreach (CallStage stage in Enum.GetValues<CallStage>())
        {
            PendingCall call = At(stage, out long generation);
            bool isAlive = stage is not (CallStage.Idle or CallStage.Done);

            Assert.Equal(isAlive, call.TryComplete(generation, out CallStage was));
            Assert.Equal(stage, was);
            Assert.Equal(isAlive ? CallStage.Done : stage, call.Current.Stage);
            Assert.False(call.TryComplete(generation));
        }
    }

    [Fact]
    public void Only_a_sent_call_is_lost_with_its_link()
    {
        foreach (CallStage stage in Enum.GetValues<CallStage>())
        {
            PendingCall call = At(stage, out long generation);

            Assert.Equal(stage == CallStage.Sent, call.TryCompleteSent(generation));
        }
    }

    [Fact]
    public void Only_a_complete_call_ends()
    {
        foreach (CallStage stage in Enum.GetValues<CallStage>())
        {
            PendingCall call = At(stage, out long generation);

            Assert.Equal(stage == CallStage.Done, call.TryEnd());
            Assert.Equal(stage == CallStage.Done ? CallStage.Idle : stage, call.Current.Stage);
            Assert.Equal(generation, call.Current.Generation);
        }
    }

    [Fact]
    public void A_stale_generation_moves_completes_and_pins_nothing()
    {
        long stale = Begin();
        Finish(stale);
        long generation = Begin();

        Assert.Equal(stale + 1, generation);
        Assert.False(_call.TryMove(stale, CallStage.Preparing, CallStage.Waiting));
        Assert.False(_call.TryComplete(stale));
        Assert.False(_call.TryPin(stale));
        Assert.Equal((generation, CallStage.Preparing), _call.Current);

        Finish(generation); // the stale pin was undone: this is the last one
        Assert.Equal(2, _recorder.Recycled);
    }

    [Fact]
    public void A_pinned_call_is_recycled_after_the_last_pin()
    {
        long generation = Begin();
        _call.Body.Write("body"u8);
        Assert.True(_call.TryPin(generation));
        Assert.True(_call.TryPin(generation));
        Finish(generation);
        Assert.Equal(0, _recorder.Recycled);
        Assert.Equal(4, _call.Body.Length);
        Assert.True(_call.TryPin(generation)); // while somebody pins it, others can

        _call.Unpin();
        _call.Unpin();
        Assert.Equal(0, _recorder.Recycled);
        _call.Unpin();

        Assert.Equal(1, _recorder.Recycled);
        Assert.Equal(0, _call.Body.Length);
        Assert.False(_call.TryPin(generation));
    }

    [Fact]
    public void A_recycled_call_forgets_what_it_carried()
    {
        long generation = Begin();
        _call.Headers = new Dictionary<string, object?>();
        _call.TraceParent = "trace";
        _call.ReplyMetadata = [];
        Finish(generation);

        Assert.Null(_call.Headers);
        Assert.Null(_call.TraceParent);
        Assert.Null(_call.ReplyMetadata);
        Assert.Null(_call.Link);
    }

    [Fact]
    public void A_use_begins_without_attempts_ticket_and_deadline()
    {
        long generation = Begin();
        _call.SetDeadline(new CallDeadline(TimeSpan.FromSeconds(1), 123));
        _call.BatchTicket = 5;
        Assert.Equal((TimeSpan.FromSeconds(1), 123), (_call.Timeout, _call.Deadline));
        Finish(generation);

        Begin();

        Assert.Equal((0, 0L, long.MaxValue), (_call.Attempts, _call.BatchTicket, _call.Deadline));
    }

    [Fact]
    public void An_id_leads_to_the_use_that_it_was_made_for()
    {
        long first = Begin();
        CorrelationId id = _call.Id;
        Finish(first);
        long second = Begin();

        Assert.NotEqual(id.Number, _call.Id.Number);
        Assert.True(_table.TryFind(id, out PendingMessage found, out long generation));
        Assert.Equal((_call, first), (found, generation));
        Assert.True(_table.TryFind(_call.Id, out _, out generation));
        Assert.Equal(second, generation);
    }

    [Fact]
    public void A_call_that_no_pool_takes_leaves_its_slot_and_passes_its_generation_on()
    {
        _recorder.HasRoom = false;
        long generation = Begin();
        Finish(generation);

        Assert.Empty(_table.Snapshot());
        var next = new PendingCall(_recorder, _recorder, _table, _time);
        Assert.Equal((generation, CallStage.Idle), next.Current);
        Assert.Equal(generation + 1, next.Begin(new TestMethod<int>(), Route, batching: null));
    }

    [Fact]
    public void An_abandoned_call_is_recycled_without_an_outcome()
    {
        long generation = Begin();

        _call.Abandon(generation);
        _call.Abandon(generation);

        Assert.Equal((1, null, 0), (_recorder.Recycled, _recorder.Failure, _recorder.Completed));
        Assert.Equal(CallStage.Idle, _call.Current.Stage);
    }

    [Fact]
    public void A_call_that_has_its_outcome_is_not_abandoned()
    {
        long generation = Begin();
        Assert.True(_call.TryComplete(generation));

        _call.Abandon(generation);

        Assert.Equal(CallStage.Done, _call.Current.Stage);
        Assert.Equal(0, _recorder.Recycled);
    }

    [Fact]
    public void The_remaining_time_is_rounded_up_and_never_zero()
    {
        Begin();
        Assert.Equal((long)RpcTimeouts.Longest.TotalMilliseconds, _call.RemainingMilliseconds());

        _call.SetDeadline(CallDeadline.Start(TimeSpan.FromMilliseconds(20), _time, out _));
        Assert.Equal(20, _call.RemainingMilliseconds());
        _time.Advance(TimeSpan.FromMilliseconds(0.5));
        Assert.Equal(20, _call.RemainingMilliseconds());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(19, _call.RemainingMilliseconds());
        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(1, _call.RemainingMilliseconds());
    }

    [Fact]
    public void Cancellation_reaches_the_use_that_it_was_registered_for_alone()
    {
        using var source = new CancellationTokenSource();
        long first = Begin();
        _call.WatchCancellation(source.Token);
        Finish(first);
        long second = Begin();
        _call.WatchCancellation(CancellationToken.None);

        source.Cancel();
        Assert.Empty(_recorder.Cancelled);

        using var other = new CancellationTokenSource();
        _call.WatchCancellation(other.Token);
        other.Cancel();
        Assert.Equal([second], _recorder.Cancelled);
    }

    [Fact]
    public void A_second_await_does_not_end_the_next_call()
    {
        var pool = new ReceiverPool<int>(_recorder, _table, _time);
        ResultReceiver<int> receiver = pool.Rent();
        long generation = receiver.Begin(new TestMethod<int>(), Route, batching: null);
        Assert.True(receiver.Call.TryPin(generation)); // as a publish does that is still under way
        ValueTask<int> task = receiver.Task;
        Assert.True(receiver.Call.TryComplete(generation));
        receiver.Call.SetException(new InvalidOperationException("over"));

        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());

        Assert.NotSame(receiver, pool.Rent());
        receiver.Call.Unpin();
        Assert.Same(receiver, pool.Rent());
    }

    [Fact]
    public void An_await_that_comes_too_early_does_not_end_the_call()
    {
        var pool = new ReceiverPool<int>(_recorder, _table, _time);
        ResultReceiver<int> receiver = pool.Rent();
        long generation = receiver.Begin(new TestMethod<int>(), Route, batching: null);
        ValueTask<int> task = receiver.Task;
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());

        Assert.True(receiver.Call.TryComplete(generation));
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult()); // complete, but without the outcome
        Assert.Equal(CallStage.Done, receiver.Call.Current.Stage);
        receiver.Call.SetResult("5"u8);

        Assert.Equal(5, Take(task));
        Assert.Same(receiver, pool.Rent());
    }

    [Fact]
    public void Ids_do_not_repeat_when_slots_change_hands()
    {
        var pool = new ReceiverPool<int>(_recorder, _table, _time);
        var seen = new HashSet<ulong>();
        for (int burst = 0; burst < 3; burst++)
        {
            ResultReceiver<int>[] receivers = [.. Enumerable.Range(0, ReceiverPool<int>.Capacity + 100).Select(_ => pool.Rent())];
            foreach (ResultReceiver<int> receiver in receivers)
            {
                receiver.Begin(new TestMethod<int>(), Route, batching: null);
                Assert.True(seen.Add(receiver.Call.Id.Number));
                Assert.True(receiver.Call.TryComplete(receiver.Call.Current.Generation));
                receiver.Call.SetResult("1"u8);
                Assert.Equal(1, Take(receiver.Task));
            }

            Assert.Equal(ReceiverPool<int>.Capacity + 1 + 1, _table.Snapshot().Count()); // the pool's first place, and _call
        }
    }

    private static T Take<T>(ValueTask<T> task) => task.GetAwaiter().GetResult();

    private long Begin() => _call.Begin(new TestMethod<int>(), Route, batching: null);

    private void Finish(long generation)
    {
        Assert.True(_call.TryComplete(generation));
        Assert.True(_call.TryEnd());
        _call.Unpin();
    }

    /// <summary>A new call at a stage.</summary>
    private PendingCall At(CallStage stage, out long generation)
    {
        var call = new PendingCall(_recorder, _recorder, _table, _time);
        generation = call.Begin(new TestMethod<int>(), Route, batching: null);
        CallStage[] way = stage switch
        {
            CallStage.Preparing => [],
            CallStage.Waiting => [CallStage.Waiting],
            CallStage.Sending => [CallStage.Waiting, CallStage.Sending],
            CallStage.Sent => [CallStage.Waiting, CallStage.Sending, CallStage.Sent],
            CallStage.Done => [CallStage.Sent, CallStage.Done],
            _ => [CallStage.Sent, CallStage.Done, CallStage.Idle],
        };
        foreach (CallStage next in way)
        {
            Assert.True(call.TryMove(generation, call.Current.Stage, next));
        }

        return call;
    }

    /// <summary>Records events and outcomes.</summary>
    private sealed class Recorder : ICallEvents, IReplyReceiver
    {
        public List<long> Cancelled { get; } = [];

        public int Recycled { get; private set; }

        public int Completed { get; private set; }

        public Exception? Failure { get; private set; }

        public bool HasRoom { get; set; } = true;

        public void OnCancelled(PendingCall call, long generation, CancellationToken cancellationToken) => Cancelled.Add(generation);

        public void Read(ReadOnlySpan<byte> body)
        {
        }

        public void Complete() => Completed++;

        public void Fail(Exception exception) => Failure = exception;

        public bool TryRecycle()
        {
            Recycled++;
            return HasRoom;
        }

        public void OnReply(PendingCall call, long generation, MessageKind kind, in IncomingMessage reply) => throw new NotSupportedException();

        public void OnReturned(PendingCall call, long generation, in ReturnedMessage returned) => throw new NotSupportedException();

        public void OnNotSent(PendingCall call, long generation, CallLink link) => throw new NotSupportedException();

        public void OnSendFailed(PendingCall call, long generation, Exception exception) => throw new NotSupportedException();

        public void OnLinkLost(PendingCall call, long generation, CallLink link, string reason) => throw new NotSupportedException();

        public void OnDeadlineNear(PendingCall call) => throw new NotSupportedException();

        public void OnDeadline(PendingCall call, long generation) => throw new NotSupportedException();
    }
}
