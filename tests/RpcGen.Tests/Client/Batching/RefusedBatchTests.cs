using RpcGen.Client.Batching;
using RpcGen.Client.Confirming;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Batching;

/// <summary>Batches to a queue that is in doubt are published with confirms, and what it refuses or does not confirm is each call's.</summary>
public sealed class RefusedBatchTests : BatchingFixture
{
    private FakeConfirmedChannel Confirmed => Connection.Confirmed[^1];

    [Fact]
    public async Task A_full_queue_fails_each_call_of_a_batch_at_once()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 9, Consumers: 1);
        Connection.ConfirmsAtOnce = false;
        Session.Queues.ConfirmsOf("q").OnRefused();
        ulong before = Confirmed.Published;
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2), () => Add(3));
        await Until(() => Confirmed.Published == before + 2); // the call before it, and the batch, which counts once it is sent

        Confirmed.Refuse(before + 2);

        foreach (Task<int> call in calls)
        {
            var failure = await Fails<RpcUnavailableException>(call);
            Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
            Assert.Contains(failure.CallId, batch.BatchedIds);
        }

        await Until(() => Batcher.State == BatcherState.Idle);
    }

    [Fact]
    public async Task Batches_are_confirmed_only_while_the_queue_is_in_doubt()
    {
        ConfirmPolicy policy = Session.Queues.ConfirmsOf("q");
        Assert.Equal(ConfirmMode.Plain, policy.Mode);
        ulong before = Confirmed.Published;
        (Task<int>[] late, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Assert.Equal(before, Confirmed.Published);

        Time.Advance(TimeSpan.FromSeconds(0.3)); // the calls are overdue, which the next message shows
        Task<int> next = Add(3);
        await Until(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(1)); // the batcher waits a little for the reply to the first batch
            return Confirmed.Published == before + 1;
        });
        Assert.Equal(ConfirmMode.Asking, policy.Mode);

        Published doubted = Channel.All[^1];
        if (doubted.Type == "$batch")
        {
            ReplyBatch(doubted, $"[\"{doubted.BatchedIds[0]}\",1]");
        }
        else
        {
            Channel.Reply(doubted, "1", contentType: Batchable);
        }

        await Gets(next);
        await Until(() => policy.Mode == ConfirmMode.Plain);
        ReplyBatch(batch, [.. batch.BatchedIds.Select(id => $"[\"{id}\",1]")]);
        await Task.WhenAll(late);
    }

    [Fact]
    public async Task A_timeout_says_that_the_batch_is_not_confirmed()
    {
        Connection.ConfirmsAtOnce = false;
        Session.Queues.ConfirmsOf("q").OnRefused();
        (Task<int>[] calls, _) = await SendBatchAsync(() => Add(1, new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) }), () => Add(2));
        Time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Contains("but the broker has not confirmed it", (await Fails<RpcTimeoutException>(calls[0])).Message, StringComparison.Ordinal);
    }
}
