using RpcGen.Server.Replying;

namespace RpcGen.Tests.Server.Replying;

public sealed class ReplyAddressPolicyTests
{
    [Theory]
    [InlineData(null, false, false)]
    [InlineData("", false, false)]
    [InlineData("rpc.cb.x", true, true)]
    [InlineData("amq.rabbitmq.reply-to.x", true, true)]
    [InlineData("amq.rabbitmq.reply-to", true, true)]
    [InlineData("rpc.cx.x", false, true)]
    [InlineData("RPC.CB.x", false, true)]
    [InlineData("amq.gen-x", false, true)]
    [InlineData("served", false, false)]
    public void Only_callback_addresses_are_answered(string? replyTo, bool isAllowed, bool isAllowedInBareStyle)
    {
        Assert.Equal(isAllowed, ReplyAddressPolicy.IsAllowed(replyTo, RpcBodyStyle.Object, "", queue => queue == "served"));
        Assert.Equal(isAllowedInBareStyle, ReplyAddressPolicy.IsAllowed(replyTo, RpcBodyStyle.Bare, "", queue => queue == "served"));
    }
}
