using RpcGen.Client;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Calls that fail if nobody consumes their queue.</summary>
public sealed class FailFastTests : ClientFixture
{
    [Fact]
    public async Task Failing_fast_sends_nothing_to_a_queue_without_consumers()
    {
        var failFast = new RpcCallOptions { FailFast = true };
        var missing = await Fails<RpcUnavailableException>(Call(new TestMethod<int>(), failFast));
        Assert.Equal((RpcUnavailableReason.NoQueue, RpcExecution.NotStarted, "q", "Do"), (missing.Reason, missing.Execution, missing.Queue, missing.Method));
        Assert.NotNull(missing.CallId);
        Assert.Contains("queue 'q' does not exist on the broker", missing.Message, StringComparison.Ordinal);

        Connection.Queues["q"] = new QueueState(ReadyMessages: 1, Consumers: 0);
        Time.Advance(TimeSpan.FromSeconds(2));
        var unserved = await Fails<RpcUnavailableException>(Call(new TestMethod<int>(), failFast));
        Assert.Equal(RpcUnavailableReason.NoConsumer, unserved.Reason);
        Assert.Contains("queue 'q' has no consumer and 1 waiting message on the broker", unserved.Message, StringComparison.Ordinal);
        Assert.Empty(Channel.All);

        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 1);
        Time.Advance(TimeSpan.FromSeconds(2));
        Task<int> served = Call(new TestMethod<int>(), failFast);
        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(served));
    }

    [Fact]
    public async Task Failing_fast_sends_if_the_queue_is_unknown()
    {
        Connection.OpenFailure = new InvalidOperationException("no channel");

        Task<int> call = Call(new TestMethod<int>(), new RpcCallOptions { FailFast = true });

        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Theory]
    [InlineData(false, null, null, false)]
    [InlineData(true, null, null, true)]
    [InlineData(false, true, null, true)]
    [InlineData(true, false, null, false)]
    [InlineData(false, false, true, true)]
    [InlineData(true, true, false, false)]
    public async Task The_call_overrides_the_client_which_overrides_the_contract(bool contract, bool? client, bool? call, bool failsFast)
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(), new ClientSettings { FailFast = client }, failFast: contract);

        Task<int> calling = caller.CallAsync(new RpcCallOptions { FailFast = call }, 1, Cancel).AsTask();

        Assert.Equal(failsFast ? 0 : 1, Channel.All.Length); // an unserved queue is found at once here
        if (failsFast)
        {
            await Fails<RpcUnavailableException>(calling);
        }
    }

    [Fact]
    public async Task A_call_that_ended_while_its_queue_was_inspected_is_not_sent()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 1);
        var gate = new TaskCompletionSource();
        Connection.InspectionGate = gate.Task;
        using var source = new CancellationTokenSource();
        Task<int> call = CallCancellably(new TestMethod<int>(), new RpcCallOptions { FailFast = true }, source.Token);
        await Until(() => Connection.Inspections == 1);
        await source.CancelAsync();
        await Fails<OperationCanceledException>(call);
        gate.SetResult();

        await Task.Delay(10, Cancel);
        Assert.Empty(Channel.All);
        Assert.Equal(0, Session.PendingCount);
    }
}
