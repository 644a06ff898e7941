using System.Runtime.CompilerServices;
using System.Text;
using RpcGen.Client;
using RpcGen.Client.Batching;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Batching;

/// <summary>How large batches get, and what is kept of those that are over.</summary>
public sealed class BatchMemoryTests : BatchingFixture
{
    [Fact]
    public async Task Queues_that_got_batches_are_let_go_with_their_clients()
    {
        const int queues = 50;
        for (int i = 0; i < queues; i++)
        {
            await CallInBatchAsync($"q{i}");
        }

        Time.Advance(TimeSpan.FromHours(2)); // no timer is left that keeps anything
        await Until(() =>
        {
            GC.Collect();
            return Session.KnownQueues < queues / 2; // objects of the last calls can remain
        });
    }

    [Theory]
    [InlineData('"', 1)]
    [InlineData('ä', 1)]
    [InlineData('a', 250)]
    public async Task A_batch_is_no_larger_than_brokers_with_small_limits_take(char ofMetadata, int nameLength)
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(new string('m', nameLength)) { Batch = true });
        Task<int> first = caller.CallAsync(Patient, 0, Cancel).AsTask();
        Channel.Reply(Channel.All[^1], "0", contentType: Batchable);
        await Gets(first);
        var options = new RpcCallOptions { Timeout = TimeSpan.FromHours(1), Metadata = new RpcMetadata { ["tenant"] = new(ofMetadata, nameLength == 1 ? 2000 : 1) } };

        (Task<int>[] _, Published batch) = await SendBatchAsync([.. Enumerable.Repeat(() => caller.CallAsync(options, 1, Cancel).AsTask(), RequestBatcher.MaxCalls)]);

        Assert.Equal("$batch", batch.Type);
        Assert.InRange(Encoding.UTF8.GetByteCount(batch.Body), RequestBatcher.MaxBytes / 2, RequestBatcher.LeastBrokerBytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task CallInBatchAsync(string queue)
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>("Add") { Batch = true }, new ClientSettings { Queue = queue });
        Task<int> Call() => caller.CallAsync(Patient, 1, CancellationToken.None).AsTask();
        for (int i = 0; i < 2; i++)
        {
            Task<int> alone = Call();
            Published request = Channel.All[^1];
            Task<int>[] together = i == 0 ? [] : [Call(), Call()];
            Channel.Reply(request, "0", contentType: Batchable);
            await Gets(alone);
            if (together.Length > 0)
            {
                await Until(() => Channel.All[^1].Type == "$batch" && Channel.All[^1].RoutingKey == queue);
                Published batch = Channel.All[^1];
                ReplyBatch(batch, [.. batch.BatchedIds.Select(id => $"[\"{id}\",1]")]);
                await Gets(Task.WhenAll(together));
            }
        }
    }
}
