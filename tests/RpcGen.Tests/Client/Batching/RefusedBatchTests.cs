using RpcGen.Client.Batching;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Batching;

/// <summary>Batches are published with confirms, and what a queue refuses or does not confirm is each call's.</summary>
public sealed class RefusedBatchTests : BatchingFixture
{
    private FakeConfirmedChannel Confirmed => Connection.Confirmed[^1];

    [Fact]
    public async Task A_full_queue_fails_each_call_of_a_batch_at_once()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 9, Consumers: 1);
        Connection.ConfirmsAtOnce = false;
        ulong before = Confirmed.Published;
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2), () => Add(3));
        Assert.Equal(before + 1, Confirmed.Published);

        Confirmed.Refuse(before + 1);

        foreach (Task<int> call in calls)
        {
            var failure = await Fails<RpcUnavailableException>(call);
            Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
            Assert.Contains(failure.CallId, batch.BatchedIds);
        }

        await Until(() => Batcher.State == BatcherState.Idle);
    }

    [Fact]
    public async Task A_timeout_says_that_the_batch_is_not_confirmed()
    {
        Connection.ConfirmsAtOnce = false;
        (Task<int>[] calls, _) = await SendBatchAsync(() => Add(1, new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) }), () => Add(2));
        Time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Contains("but the broker has not confirmed it", (await Fails<RpcTimeoutException>(calls[0])).Message, StringComparison.Ordinal);
    }
}
