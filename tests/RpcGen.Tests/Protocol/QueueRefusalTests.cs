using RpcGen.Protocol;

namespace RpcGen.Tests.Protocol;

/// <summary>What brokers say when they refuse a declaration, word for word.</summary>
public sealed class QueueRefusalTests
{
    [Theory]
    [InlineData("received the value 'classic' of type 'longstr' but current is the value 'quorum' of type 'longstr'", "'quorum' instead of 'classic'. Set QueueType to Quorum")] // 3.10
    [InlineData("received 'classic' but current is 'quorum'", "'quorum' instead of 'classic'. Set QueueType to Quorum")] // 4.0
    [InlineData("received 'quorum' but current is 'stream'", "'stream' instead of 'quorum'. To continue, serve")]
    public void A_difference_is_named_with_both_values(string values, string expected) => Assert.Contains(
        $"the queue 'it's' exists, and its x-queue-type is {expected}",
        QueueRefusals.DescribeDifference($"PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue 'it's' in vhost '/': {values}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("durable", "'true'", "'false'", "Set QueueType to NonDurable")]
    [InlineData("durable", "'false'", "'true'", "Set QueueType to Classic or Quorum")]
    [InlineData("x-max-priority", "the value '3' of type 'signedint'", "none", "Remove MaxPriority")]
    [InlineData("x-max-priority", "none", "the value '5' of type 'signedint'", "Set MaxPriority to 5")]
    [InlineData("x-expires", "the value '3' of type 'long'", "none", "Remove QueueExpiresAfter, set 'expires' by a policy")]
    [InlineData("x-expires", "none", "the value '5' of type 'long'", "Set QueueExpiresAfter to 5 ms")]
    [InlineData("x-dead-letter-exchange", "none", "the value 'dead' of type 'longstr'", "Set dead-letter-exchange by a policy")]
    [InlineData("auto_delete", "'false'", "'true'", "To continue, serve")]
    public void The_remedy_fits_the_property(string property, string received, string current, string expected) => Assert.Contains(
        expected,
        QueueRefusals.DescribeDifference($"PRECONDITION_FAILED - inequivalent arg '{property}' for queue 'q' in vhost '/': received {received} but current is {current}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("PRECONDITION_FAILED - cannot declare queue 'q': queue limit in vhost 'a b' (7) is reached", "the virtual host 'a b' has reached its maximum number of queues (7)")]
    [InlineData("PRECONDITION_FAILED - cannot declare queue 'q': queue limit in cluster (7) is reached", "cluster_queue_limit")]
    public void A_limit_is_named(string reason, string expected) => Assert.Contains(expected, QueueRefusals.DescribeLimit(reason), StringComparison.Ordinal);

    [Theory]
    [InlineData("541 INTERNAL_ERROR - Feature `transient_nonexcl_queues` is deprecated.\nIts use is not permitted", "QueueType")]
    [InlineData("541 INTERNAL_ERROR - Feature `global_qos` is deprecated.\nIts use is not permitted", "deprecated_features.permit.global_qos = true")]
    public void A_denied_feature_is_named(string reason, string expected) => Assert.Contains(expected, QueueRefusals.DescribeDenied(reason), StringComparison.Ordinal);

    [Theory]
    [InlineData("NOT_FOUND - no queue 'q' in vhost '/'")]
    [InlineData("PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue")]
    public void Other_refusals_are_left_alone(string reason)
    {
        Assert.Null(QueueRefusals.DescribeDifference(reason));
        Assert.Null(QueueRefusals.DescribeLimit(reason));
        Assert.Null(QueueRefusals.DescribeDenied(reason));
    }
}
