using RpcGen.Client.Calls;

namespace RpcGen.Tests.Client.Calls;

public sealed class PublishOrderTests
{
    private readonly PublishOrder _order = new();

    [Fact]
    public void A_message_is_the_last_one_until_another_is_begun()
    {
        PublishTicket first = _order.Begin();
        Assert.True(_order.IsLast(first));
        _order.End();
        Assert.True(_order.IsLast(first));

        PublishTicket second = _order.Begin();

        Assert.False(_order.IsLast(first));
        Assert.True(_order.IsLast(second));
    }

    [Fact]
    public void Of_messages_that_are_handed_over_at_the_same_time_none_is_certainly_last()
    {
        PublishTicket first = _order.Begin();
        PublishTicket second = _order.Begin();
        _order.End();
        _order.End();

        Assert.False(_order.IsLast(first) || _order.IsLast(second));
        Assert.True(_order.IsLast(_order.Begin()));
    }

    [Fact]
    public void A_message_without_a_place_is_never_last() => Assert.False(_order.IsLast(default));
}
