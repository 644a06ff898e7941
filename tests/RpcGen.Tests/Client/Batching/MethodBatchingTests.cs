using RpcGen.Client;
using RpcGen.Client.Batching;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Batching;

public sealed class MethodBatchingTests : ClientFixture
{
    [Fact]
    public void Calls_are_batched_once_a_reply_allows_it()
    {
        MethodBatching batching = Create();
        Assert.False(batching.CanBatch);
        batching.Learn(BatchHint.None);
        Assert.False(batching.CanBatch);

        batching.Learn(BatchHint.Batchable);
        Assert.True(batching.CanBatch);
        batching.Learn(BatchHint.None);
        Assert.True(batching.CanBatch);
    }

    [Fact]
    public void A_slow_call_needs_many_quick_ones_to_make_up_for_it()
    {
        MethodBatching batching = Create();
        batching.Learn(BatchHint.Batchable);
        batching.Learn(BatchHint.Unbatchable);
        for (int i = 0; i < MethodBatching.QuickCallsAfterSlow; i++)
        {
            Assert.False(batching.CanBatch);
            batching.Learn(BatchHint.Batchable);
        }

        Assert.True(batching.CanBatch);
        batching.Learn(BatchHint.Batchable);
        Assert.True(batching.CanBatch);
        batching.Learn(BatchHint.Unbatchable);
        Assert.False(batching.CanBatch);
    }

    [Fact]
    public void No_call_is_batched_while_the_batcher_pauses()
    {
        MethodBatching batching = Create();
        batching.Learn(BatchHint.Batchable);
        Session.GetBatcher(Route, isAtMostOnce: false).Pause();

        Assert.False(batching.CanBatch);
    }

    [Fact]
    public void Names_are_escaped_for_JSON() => Assert.Equal("a\\u0022b", Session.CreateBatching(new TestMethod<int>("a\"b"), Route).EncodedName.ToString());

    [Theory]
    [InlineData(true, true)]
    [InlineData(null, true)]
    [InlineData(false, false)]
    public void The_client_decides_whether_calls_are_batched(bool? ofClient, bool isBatched)
    {
        _ = Caller(new TestMethod<int> { Batch = true }, new ClientSettings { Batching = ofClient }).CallAsync(RpcCallOptions.None, 1, Cancel).AsTask();

        Assert.Equal(isBatched ? "application/json;batch=1" : "application/json", Channel.Single.Message.ContentType);
    }

    [Fact]
    public void Methods_that_must_not_be_batched_are_not()
    {
        _ = Call(new TestMethod<int> { Batch = false });
        _ = Call(new TestMethod<int> { Batch = true, Durable = true });
        _ = Call(new TestMethod<int> { Batch = true, OwnPriority = 3 });
        _ = Caller(new TestMethod<int> { Batch = true }, bodyStyle: RpcBodyStyle.Bare).CallAsync(RpcCallOptions.None, 1, Cancel).AsTask();

        Assert.All(Channel.All, request => Assert.Equal("application/json", request.Message.ContentType));
    }

    [Fact]
    public async Task A_caller_that_goes_on_at_once_counts_on_the_reply()
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int> { Batch = true });
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new InlineContext());
        Task<int> calls;
        try
        {
            calls = CallAsync();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        Channel.Reply(Channel.Single, "1", contentType: "application/json;batch=1");

        Assert.Equal(2, await Gets(calls)); // the third call waits for the reply to the second

        async Task<int> CallAsync()
        {
            await caller.CallAsync(RpcCallOptions.None, 1, Cancel);
            _ = caller.CallAsync(RpcCallOptions.None, 2, Cancel).AsTask();
            _ = caller.CallAsync(RpcCallOptions.None, 3, Cancel).AsTask();
            return Channel.All.Length;
        }
    }

    private MethodBatching Create() => Session.CreateBatching(new TestMethod<int>(), Route);
}

/// <summary>Goes on at once, on the thread that completes a task.</summary>
internal sealed class InlineContext : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => d(state);
}

/// <summary>On a connection that does not batch unless a client says so, and with a user.</summary>
public sealed class UnbatchedTests : ClientFixture
{
    private protected override SessionSettings Settings { get; } = new("the broker", RequestBatcher.LeastMessageBytes, Batching: false, SendsUser: true);

    [Fact]
    public async Task The_connection_decides_where_the_client_does_not()
    {
        _ = Call(new TestMethod<int> { Batch = true });
        RpcCaller<int, int> batched = Caller(new TestMethod<int> { Batch = true }, new ClientSettings { Batching = true });
        Task<int> first = batched.CallAsync(RpcCallOptions.None, 1, Cancel).AsTask();
        Assert.Equal(["application/json", "application/json;batch=1"], Channel.All.Select(request => request.Message.ContentType!));
        Channel.Reply(Channel.All[1], "1", contentType: "application/json;batch=1");
        await Gets(first);

        _ = batched.CallAsync(RpcCallOptions.None, 2, Cancel).AsTask();
        _ = batched.CallAsync(RpcCallOptions.None, 3, Cancel).AsTask();
        _ = batched.CallAsync(RpcCallOptions.None, 4, Cancel).AsTask();
        Channel.Reply(Channel.All[2], "1", contentType: "application/json;batch=1");
        await Until(() => Channel.All.Length == 4);
        Assert.Equal(("$batch", Channel.All[0].Message.UserId), (Channel.All[^1].Type, Channel.All[^1].Message.UserId)); // the connection has one user
        Assert.NotNull(Channel.All[^1].Message.UserId);
    }
}

/// <summary>On a connection with a low limit.</summary>
public sealed class SmallMessageTests : ClientFixture
{
    private protected override SessionSettings Settings { get; } = new("the broker", RequestBatcher.LeastMessageBytes - 1, Batching: true);

    [Fact]
    public void A_client_with_a_low_message_limit_does_not_batch()
    {
        _ = Call(new TestMethod<int> { Batch = true });

        Assert.Equal("application/json", Channel.Single.Message.ContentType);
    }
}
