using RpcGen.Streams;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>Every move of the sending side.</summary>
public sealed class SenderStateTests
{
    private const int Size = 1000;

    private readonly SenderState _state = new(10_000, long.MaxValue);

    [Fact]
    public void An_item_is_published_by_one_flusher()
    {
        Assert.Equal(SenderAction.Flush, _state.OnWritten(Size));
        Assert.Equal(SenderAction.None, _state.OnWritten(2 * Size)); // the flusher is on its way
        Assert.Equal(SenderMessage.Items, _state.TakeMessage(2 * Size));
        Assert.Equal((0, 0), (_state.GatheredItems, _state.GatheredBytes));
        Assert.Equal(0, _state.SentItems); // only what is published counts
        Assert.Equal(SenderAction.Release, _state.OnPublished(SenderMessage.Items));
        Assert.Equal((2, 2 * Size), (_state.SentItems, _state.SentBytes));
        Assert.True(_state.IsAnnounced);
        Assert.Equal(SenderMessage.None, _state.TakeMessage(0));
        Assert.Equal(SenderAction.Flush, _state.OnWritten(Size)); // the next one needs another flusher
    }

    [Fact]
    public void Without_credit_items_gather_until_a_grant_comes()
    {
        Publish(10_000);
        Assert.Equal(SenderStage.Stalled, _state.Stage);

        Assert.Equal(SenderAction.None, _state.OnWritten(Size));
        Assert.Equal(SenderAction.None, _state.OnGrant(10_000, 0)); // not larger
        Assert.Equal(SenderAction.None, _state.OnGrant(9_000, 0)); // an old one that came late
        Assert.Equal(SenderStage.Stalled, _state.Stage);
        Assert.Equal(SenderAction.Flush, _state.OnGrant(10_001, 0));
        Assert.Equal(SenderStage.Ready, _state.Stage);
        Assert.Equal(SenderMessage.Items, _state.TakeMessage(Size));
    }

    [Fact]
    public void One_message_more_than_granted_is_sent_at_most()
    {
        Publish(9_999);
        Publish(5_000);
        Assert.Equal(SenderStage.Stalled, _state.Stage);
        _state.OnWritten(Size);
        Assert.Equal(SenderAction.None, _state.OnProducerWaits()); // announced already
    }

    [Fact]
    public void A_full_message_holds_the_producer_until_it_is_published()
    {
        _state.OnWritten(StreamLimits.MessageBytes - 1);
        Assert.False(_state.MustHold);
        _state.OnWritten(StreamLimits.MessageBytes);
        Assert.True(_state.MustHold);
        _state.TakeMessage(StreamLimits.MessageBytes);
        Assert.Equal(SenderAction.Release, _state.OnPublished(SenderMessage.Items));
        Assert.False(_state.MustHold);
    }

    [Fact]
    public void What_cannot_be_sent_with_the_credit_is_held_up_and_replaced()
    {
        Assert.False(_state.IsHeldUp);
        Assert.Equal(SenderAction.Flush, _state.OnWritten(9_700)); // with its overhead less than what is granted
        Assert.False(_state.IsHeldUp);
        _state.OnWritten(9_744);
        Assert.True(_state.IsHeldUp);
        Assert.Equal(SenderAction.None, _state.OnReplaced(Size)); // the flusher is on its way
        Assert.Equal((1, Size), (_state.GatheredItems, _state.GatheredBytes));
        Assert.Equal(SenderMessage.Items, _state.TakeMessage(10_000));
        Assert.True(_state.IsHeldUp); // what is being published counts
        _state.OnPublished(SenderMessage.Items);

        _state.OnReplaced(Size);
        Assert.Equal(SenderMessage.None, _state.TakeMessage(Size));
        _state.OnReplaced(Size);
        Assert.Equal(1, _state.GatheredItems);
        Assert.Equal(SenderAction.Flush, _state.OnGrant(20_000, 0));
        Assert.False(_state.IsHeldUp);
    }

    [Fact]
    public void A_grant_of_items_holds_the_producer_although_there_are_bytes()
    {
        var state = new SenderState(10_000, 2);
        state.OnWritten(10);
        Assert.False(state.MustHold);
        state.OnWritten(20);
        Assert.True(state.MustHold);
        state.TakeMessage(20);
        Assert.True(state.MustHold); // in flight items count too
        Assert.Equal(SenderAction.None, state.OnPublished(SenderMessage.Items));
        Assert.True(state.MustHold);
        state.TakeMessage(0);
        Assert.Equal(SenderAction.Release, state.OnGrant(10_000, 3));
        Assert.False(state.MustHold);
    }

    [Fact]
    public void Bytes_are_numbered_by_their_offset()
    {
        var state = new SenderState(10_000, long.MaxValue, messageBytes: 300);
        state.OnWritten(200, items: 200);
        Assert.False(state.MustHold);
        state.OnWritten(300, items: 100);
        Assert.True(state.MustHold);
        state.TakeMessage(300);
        Assert.Equal(SenderAction.Release, state.OnPublished(SenderMessage.Items));
        Assert.Equal((300, 300), (state.SentItems, state.SentBytes));
    }

    [Fact]
    public void A_producer_that_waits_announces_the_call_once()
    {
        Assert.Equal(SenderAction.Flush, _state.OnProducerWaits());
        Assert.Equal(SenderAction.None, _state.OnProducerWaits());
        Assert.Equal(SenderMessage.Open, _state.TakeMessage(0));
        Assert.Equal(SenderAction.Release, _state.OnPublished(SenderMessage.Open));
        Assert.Equal(SenderMessage.None, _state.TakeMessage(0));
        Assert.Equal(SenderAction.None, _state.OnProducerWaits());
        Assert.Equal(0, _state.SentBytes); // announcements are free
    }

    [Fact]
    public void Items_that_are_ready_announce_the_call_by_themselves()
    {
        _state.OnWritten(Size);
        Assert.Equal(SenderAction.None, _state.OnProducerWaits());
        Assert.Equal(SenderMessage.Items, _state.TakeMessage(Size));
    }

    [Fact]
    public void The_last_items_go_out_with_the_end()
    {
        _state.OnWritten(Size);
        Assert.Equal(SenderAction.None, _state.OnSourceEnded(hasFault: false));
        Assert.Equal(SenderStage.Ending, _state.Stage);
        Assert.Equal(SenderMessage.End, _state.TakeMessage(Size));
        Assert.Equal(SenderAction.Finish, _state.OnPublished(SenderMessage.End));
        Assert.Equal((SenderStage.Closed, 1L), (_state.Stage, _state.SentItems));
        Assert.Equal(SenderMessage.None, _state.TakeMessage(0));
    }

    [Fact]
    public void An_end_without_items_needs_no_credit()
    {
        Publish(10_000);
        Assert.Equal(SenderAction.Flush, _state.OnSourceEnded(hasFault: false));
        Assert.Equal(SenderMessage.End, _state.TakeMessage(0));
        Assert.Equal(SenderAction.Finish, _state.OnPublished(SenderMessage.End));
    }

    [Fact]
    public void The_end_waits_for_credit_for_the_items_before_it()
    {
        Publish(10_000);
        _state.OnWritten(Size);
        Assert.Equal(SenderAction.None, _state.OnSourceEnded(hasFault: false));
        Assert.Equal(SenderAction.Flush, _state.OnGrant(20_000, 0));
        Assert.Equal(SenderMessage.End, _state.TakeMessage(Size));
    }

    [Fact]
    public void A_fault_follows_the_items_before_it()
    {
        _state.OnWritten(Size);
        _state.OnSourceEnded(hasFault: true);
        Assert.Equal(SenderMessage.Items, _state.TakeMessage(Size));
        _state.OnPublished(SenderMessage.Items);
        Assert.Equal(SenderMessage.Fault, _state.TakeMessage(0));
        Assert.Equal(SenderAction.Finish, _state.OnPublished(SenderMessage.Fault));
    }

    [Fact]
    public void A_stream_is_given_up_once_and_nothing_follows()
    {
        _state.OnWritten(StreamLimits.MessageBytes);
        Assert.Equal(SenderMessage.Items, _state.TakeMessage(StreamLimits.MessageBytes));
        Assert.Equal(SenderAction.GiveUp | SenderAction.Release, _state.OnGivenUp());
        Assert.Equal(SenderAction.None, _state.OnGivenUp());
        Assert.Equal(SenderAction.None, _state.OnPublished(SenderMessage.Items)); // it was on its way
        Assert.Equal(SenderMessage.None, _state.TakeMessage(0));
        Assert.Equal(SenderAction.None, _state.OnWritten(1));
        Assert.Equal(SenderAction.None, _state.OnGrant(long.MaxValue, long.MaxValue));
        Assert.Equal(SenderAction.None, _state.OnSourceEnded(hasFault: false));
        Assert.Equal(SenderAction.None, _state.OnProducerWaits());
        Assert.False(_state.MustHold);
    }

    private void Publish(int cost)
    {
        _state.OnWritten(cost);
        Assert.Equal(SenderMessage.Items, _state.TakeMessage(cost));
        _state.OnPublished(SenderMessage.Items);
        Assert.Equal(SenderMessage.None, _state.TakeMessage(0));
    }
}
