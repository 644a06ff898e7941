using RpcGen.Protocol;
using RpcGen.Streams.LongCalls;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls;

/// <content>What becomes of outcomes.</content>
public sealed partial class ServedTableTests
{
    [Fact]
    public void An_outcome_is_kept_until_the_caller_has_it()
    {
        TestCall call = Announce("a");
        OnWaiting(calls: call);
        Assert.True(_table.Complete(call, Reply));
        Assert.Equal("q.ann", _table.BeginSending(call));
        call.End();
        Assert.Empty(_table.Tick(Now, isDeaf: false));
        Assert.Equal(1, _table.Count);

        Assert.Empty(OnWaiting(calls: call).Unsent); // sent before the outcome came
        Assert.Equal([call], OnWaiting(calls: call).Unsent); // it is lost
        _table.BeginSending(call);
        Assert.Empty(OnWaiting(calls: call).Unsent);

        WaitingOutcome last = OnWaiting();
        Assert.Empty(last.Unwanted);
        Assert.Equal(0, _table.Count);
        _table.Tick(Now, isDeaf: false);
        Assert.Empty(_table.Report());
    }

    [Fact]
    public void An_outcome_goes_to_the_queue_that_the_caller_speaks_from()
    {
        TestCall call = Announce("a");
        OnWaiting(calls: call);
        _table.OnReturned(new LongCallName(default, "q.ann"));
        Assert.False(_table.Complete(call, Reply)); // it is connecting again

        WaitingOutcome outcome = OnWaiting("q.new", call);

        Assert.True(outcome.HasMoved);
        Assert.Equal([call], outcome.Unsent);
        Assert.Equal("q.new", _table.BeginSending(call));
    }

    [Fact]
    public void An_outcome_that_came_back_is_sent_again()
    {
        TestCall call = Announce("a");
        OnWaiting(calls: call);
        _table.Complete(call, Reply);
        _table.BeginSending(call);
        _table.OnReturned(new LongCallName(call.Name.Id, "q.ann"));

        Assert.Equal([call], OnWaiting("q.new", call).Unsent);
    }

    [Fact]
    public void An_outcome_is_sent_again_after_the_loss_of_the_own_connection()
    {
        TestCall call = Announce("a");
        TestCall running = Announce("b");
        OnWaiting(calls: [call, running]);
        _table.Complete(call, Reply);
        _table.BeginSending(call);

        Assert.Equal([call], _table.OnReconnected(Now));
    }

    [Fact]
    public void A_call_has_one_outcome()
    {
        TestCall call = Announce("a");
        OnWaiting(calls: call);

        Assert.True(_table.Complete(call, Reply));
        Assert.False(_table.Complete(call, Reply with { Type = "fault" }));

        Assert.Equal(Reply, call.Reply);
        Assert.Null(_table.Find(call.Name)); // nothing is left to cancel
    }

    [Fact]
    public void A_call_that_was_taken_over_and_ends_without_an_outcome_is_not_known_any_more()
    {
        TestCall call = Announce("a");
        OnWaiting(calls: call);
        call.End();

        WaitingOutcome outcome = OnWaiting(calls: call);

        Assert.Equal([call.Name.Id], outcome.Unknown);
        Assert.Empty(outcome.Unwanted);
        _table.Tick(Now, isDeaf: false);
        Assert.Equal(0, _table.Count);
    }
}
