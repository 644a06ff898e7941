using RpcGen.Client;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The limits of calls that wait for their outcome: three of the connection, two of the client.</summary>
public sealed class CallQuotaTests : ClientFixture
{
    private protected override SessionSettings Settings { get; } = new("the broker", MaxMessageBytes: 15 << 20, Batching: true) { MaxPendingCalls = 3 };

    [Fact]
    public async Task One_more_call_fails_at_once_until_another_has_ended()
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(), new ClientSettings { MaxPendingCalls = 2 });
        Task<int>[] pending = [Start(caller), Start(caller)];

        RpcUnavailableException refused = await Fails<RpcUnavailableException>(Start(caller));
        Assert.Equal((RpcUnavailableReason.TooManyCalls, RpcExecution.NotStarted, "q"), (refused.Reason, refused.Execution, refused.Queue));
        Assert.Contains("2 calls wait for their outcome, the most that RpcClientOptions.MaxPendingCalls allows", refused.Message, StringComparison.Ordinal);

        Channel.Reply(Channel.All[0], "1");
        Assert.Equal(1, await Gets(pending[0]));
        Task<int> next = Start(caller);
        Channel.Reply(Channel.All[^1], "2");
        Assert.Equal(2, await Gets(next));
    }

    [Fact]
    public async Task The_connection_limits_all_of_its_clients()
    {
        RpcCaller<int, int> first = Caller(new TestMethod<int>(), new ClientSettings { MaxPendingCalls = 2 });
        RpcCaller<int, int> second = Caller(new TestMethod<int>(), new ClientSettings { MaxPendingCalls = 2 });
        Task<int>[] pending = [Start(first), Start(first), Start(second)];

        RpcUnavailableException refused = await Fails<RpcUnavailableException>(Start(second));
        Assert.Contains("3 calls", refused.Message, StringComparison.Ordinal);
        Assert.Contains("RpcConnectionOptions.MaxPendingCalls", refused.Message, StringComparison.Ordinal);

        Channel.Reply(Channel.All[0], "1");
        Assert.Equal(1, await Gets(pending[0]));
        _ = Start(second); // the refused call does not count, neither for the client nor for the connection
    }

    [Fact]
    public async Task Cancelled_late_and_unstartable_calls_give_their_places_back()
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(), new ClientSettings { MaxPendingCalls = 1 });
        using var cancelling = new CancellationTokenSource();
        Task<int> cancelled = caller.CallAsync(RpcCallOptions.None, 7, cancelling.Token).AsTask();
        await cancelling.CancelAsync();
        await Fails<OperationCanceledException>(cancelled);

        Task<int> late = caller.CallAsync(new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) }, 7, Cancel).AsTask();
        await AdvanceUntil(() => late.IsCompleted);
        await Fails<RpcTimeoutException>(late);

        Task<int> last = Start(caller);
        Assert.False(last.IsCompleted);
    }

    private static Task<int> Start(RpcCaller<int, int> caller) => caller.CallAsync(RpcCallOptions.None, 7, Cancel).AsTask();
}
