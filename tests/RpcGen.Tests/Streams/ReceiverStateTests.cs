using RpcGen.Streams;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>Every move of the receiving side.</summary>
public sealed class ReceiverStateTests
{
    private readonly ReceiverState _state = new(1000, 0);

    [Fact]
    public void Half_a_window_that_was_consumed_is_granted_again()
    {
        Assert.Equal(ReceiverAction.Keep, _state.OnMessage(400, isLast: false));
        Assert.Equal(ReceiverAction.Keep, _state.OnMessage(400, isLast: false));
        Assert.Equal(800, _state.BufferedBytes);
        Assert.True(_state.TryBegin(0));
        Assert.Equal(ReceiverAction.None, _state.OnItemTaken());
        Assert.Equal(ReceiverAction.None, _state.OnConsumed(400));
        Assert.Equal(ReceiverAction.Grant, _state.OnConsumed(400));
        Assert.Equal((1800, long.MaxValue), (_state.GrantedBytes, _state.GrantedItems));
        Assert.Equal(0, _state.BufferedBytes);
    }

    [Fact]
    public void A_message_may_exceed_the_grant_and_the_next_one_may_not()
    {
        Assert.Equal(ReceiverAction.Keep, _state.OnMessage(5000, isLast: false));
        Assert.True(_state.IsGrantUsedUp);
        Assert.Equal(ReceiverAction.Drop | ReceiverAction.Violation | ReceiverAction.Cancel, _state.OnMessage(1, isLast: false));
        Assert.Equal(ReceiverStage.Complete, _state.Stage);
        Assert.Equal(ReceiverAction.Drop, _state.OnMessage(1, isLast: false));
    }

    [Fact]
    public void An_end_without_items_needs_no_grant()
    {
        _state.OnMessage(1000, isLast: false);
        Assert.Equal(ReceiverAction.Keep, _state.OnMessage(0, isLast: true));
        Assert.Equal(ReceiverStage.Complete, _state.Stage);
        Assert.Equal(ReceiverAction.None, _state.OnConsumed(1000)); // nobody sends any more
        Assert.Equal(ReceiverAction.None, _state.OnClosed());
        Assert.Equal(ReceiverStage.Closed, _state.Stage);
    }

    [Fact]
    public void Messages_start_with_the_next_item()
    {
        Assert.False(_state.TryBegin(1));
        Assert.True(_state.TryBegin(0));
        _state.OnItemTaken();
        Assert.False(_state.TryBegin(0));
        Assert.True(_state.TryBegin(1));
    }

    [Fact]
    public void A_window_of_items_grants_what_was_taken()
    {
        var state = new ReceiverState(1000, 4);
        Assert.Equal(4, state.GrantedItems);
        Assert.Equal(ReceiverAction.None, state.OnItemTaken());
        Assert.Equal(ReceiverAction.Grant, state.OnItemTaken());
        Assert.Equal(6, state.GrantedItems);
        Assert.Equal(ReceiverAction.Grant, new ReceiverState(1000, 1).OnItemTaken());
    }

    [Fact]
    public void The_first_ending_counts()
    {
        Assert.True(_state.OnEnded());
        Assert.False(_state.OnEnded());
        Assert.Equal(ReceiverAction.Violation, _state.OnViolation());
        Assert.Equal(ReceiverAction.None, _state.OnClosed());
        Assert.False(_state.OnEnded());
    }

    [Fact]
    public void A_consumer_that_wants_no_more_cancels_an_open_stream_once()
    {
        Assert.Equal(ReceiverAction.Cancel, _state.OnClosed());
        Assert.Equal(ReceiverAction.None, _state.OnClosed());
        Assert.Equal(ReceiverAction.Drop, _state.OnMessage(1, isLast: true));
        Assert.False(_state.OnEnded());
    }

    [Fact]
    public void A_window_that_grows_is_granted()
    {
        _state.OnMessage(1000, isLast: false);
        Assert.Equal(ReceiverAction.Grant, _state.OnConsumed(1000, growBy: 1000));
        Assert.Equal((2000, 3000), (_state.Window, _state.GrantedBytes));
    }
}
