using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Batching;

/// <summary>A client whose server has said that it reads batches.</summary>
public abstract class BatchingFixture : ClientFixture
{
    private protected const string Batchable = "application/json;batch=1";

    private protected static RpcCallOptions Patient { get; } = new() { Timeout = TimeSpan.FromHours(1) };

    private protected RpcCaller<int, int> Batched { get; private set; } = null!;

    private protected RpcCaller<int, int> BatchedIdempotent { get; private set; } = null!;

    /// <summary>The batcher of the queue.</summary>
    private protected RequestBatcher Batcher { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Batched = Caller(new TestMethod<int>("Add") { Batch = true });
        BatchedIdempotent = Caller(new TestMethod<int>("Get") { Batch = true, Idempotent = true });
        Batcher = Session.GetBatcher(Route, isAtMostOnce: false);
        foreach (RpcCaller<int, int> caller in (RpcCaller<int, int>[])[Batched, BatchedIdempotent])
        {
            Task<int> first = caller.CallAsync(Patient, 0, Cancel).AsTask();
            Channel.Reply(Channel.All[^1], "0", contentType: Batchable);
            await Gets(first);
        }

        Assert.Equal(BatcherState.Idle, Batcher.State);
        Assert.All(Channel.All, request => Assert.Equal(Batchable, request.Message.ContentType));
    }

    private protected Task<int> Add(int number, RpcCallOptions? options = null) => Batched.CallAsync(options ?? Patient, number, CancellationToken.None).AsTask();

    private protected Task<int> AddCancellably(int number, CancellationToken cancellationToken) => Batched.CallAsync(Patient, number, cancellationToken).AsTask();

    /// <summary>Sends one call alone, which keeps the batcher busy.</summary>
    private protected (Task<int> Call, Published Request) Occupy()
    {
        Task<int> call = Add(100);
        Assert.Equal(BatcherState.InFlight, Batcher.State);
        return (call, Channel.All[^1]);
    }

    /// <summary>Has calls sent in one batch.</summary>
    private protected async Task<(Task<int>[] Calls, Published Batch)> SendBatchAsync(params Func<Task<int>>[] calls)
    {
        (Task<int> alone, Published request) = Occupy();
        Task<int>[] tasks = [.. calls.Select(call => call())];
        int sent = Channel.All.Length;
        Channel.Reply(request, "100", contentType: Batchable);
        await Gets(alone);
        await Until(() => Channel.All.Length > sent);
        return (tasks, Channel.All[^1]);
    }

    /// <summary>Replies to a batch with entries.</summary>
    private protected void ReplyBatch(Published batch, params string[] entries) =>
        Channel.Reply(batch, "[" + string.Join(',', entries) + "]", type: "$batch");
}
