using RpcGen.Transport;

namespace RpcGen.Tests.Transports;

public sealed class UnreachableQueuesTests
{
    [Theory]
    [InlineData("NOT_FOUND - home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible", "is on node 'rabbit@b', which is down or cannot be reached")]
    [InlineData("NOT_FOUND - failed to perform operation on queue 'q' in vhost '/' due to timeout", "is on a node that did not answer in time")]
    [InlineData("NOT_FOUND - queue 'q' in vhost '/' has crashed and failed to restart", "has failed on the broker")]
    [InlineData("NOT_FOUND - queue 'q' in vhost '/' process is stopped by supervisor", "has failed on the broker")]
    [InlineData("NOT_FOUND - no queue 'q' in vhost '/'", null)]
    [InlineData("NOT_FOUND - no queue 'home node' in vhost '/'", null)]
    public void The_brokers_text_tells_an_unreachable_queue_from_a_missing_one(string reason, string? expected) =>
        Assert.Equal(expected, UnreachableQueues.DescribeIn(AmqpReplyCodes.NotFound, reason));

    [Fact]
    public void Another_reply_code_says_nothing_about_it() =>
        Assert.Null(UnreachableQueues.DescribeIn(AmqpReplyCodes.AccessRefused, "home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible"));
}
