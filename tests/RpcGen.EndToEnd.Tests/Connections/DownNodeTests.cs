using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>The queue is on another node than its callers' connections, and that node hangs and goes down.</summary>
public sealed class DownNodeTests(RabbitPair pair) : FailureTest(pair.First), IClassFixture<RabbitPair>
{
    /// <summary>One test, because starting a cluster takes long: first the node hangs, then it is killed.</summary>
    [Fact]
    public async Task Callers_and_servers_are_told_that_the_queues_node_hangs_or_is_down()
    {
        await using RpcConnection home = await RpcConnection.ConnectAsync(pair.Second.Url, Cancel);
        RpcServer there = await home.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("x", await client.DoAsync("x", Cancel).OrFail());
        await there.StopAsync(Cancel);
        await ServeAsync((text, _) => Task.FromResult(text)); // from the first node
        Assert.Equal("y", await client.DoAsync("y", Cancel).OrFail());

        await pair.Second.PauseAsync();
        RpcTimeoutException late = null!;
        await Wait.UntilAsync(
            async () =>
            {
                late = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromSeconds(1)).DoAsync("z", Cancel).OrFail());
                return late.Message.Contains("has not confirmed", StringComparison.Ordinal);
            },
            "a call is sent with a confirm, because an earlier one is overdue");
        Assert.Contains("The request was sent, but the broker has not confirmed it.", late.Message, StringComparison.Ordinal);
        Assert.Contains("The node that hosts the queue can hang, or the other nodes cannot reach it.", late.Message, StringComparison.Ordinal);
        Assert.Equal(RpcExecution.Unknown, late.Execution);

        // Before RabbitMQ 4, a message to a queue whose node is down is returned. Later brokers refuse it, as a full queue does.
        bool isReturned = (await pair.First.GetVersionAsync()).Major < 4;
        RpcExecution told = isReturned ? RpcExecution.NotStarted : RpcExecution.Unknown;
        await pair.Second.KillAsync();
        RpcUnavailableException down = null!;
        await Wait.UntilAsync(
            async () =>
            {
                Exception? failure = await Record.ExceptionAsync(() => client.With(timeout: TimeSpan.FromSeconds(10)).DoAsync("z", Cancel).OrFail());
                down = (failure as RpcUnavailableException)!;
                return down is { Reason: RpcUnavailableReason.QueueUnreachable } && down.Execution == told; // a queue that is just going down refuses on all versions
            },
            "the first node knows that the second one is down");
        Assert.Equal(Queue, down.Queue);
        Assert.Contains($"queue '{Queue}'", down.Message, StringComparison.Ordinal);
        ICourier courier = (await ConnectAsync()).CreateClient<ICourier>(ClientOptions);
        var oneWay = await Assert.ThrowsAsync<RpcUnavailableException>(() => courier.SendAsync("z", Cancel).OrFail());
        Assert.Equal((RpcUnavailableReason.QueueUnreachable, told), (oneWay.Reason, oneWay.Execution));

        if (isReturned) // later brokers can take a minute to name the node
        {
            Assert.Contains("@localhost', which is down or cannot be reached", down.Message, StringComparison.Ordinal);
            await Wait.UntilAsync(
                () => Log.Lines.Any(line => line.Contains($"Queue '{Queue}'", StringComparison.Ordinal) && line.Contains("which is down or cannot be reached", StringComparison.Ordinal)),
                "the server's log names the node");
            var fast = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.With(failFast: true).DoAsync("z", Cancel).OrFail());
            Assert.Equal(RpcUnavailableReason.QueueUnreachable, fast.Reason);
        }

        await pair.Second.StartAsync();
        await Wait.UntilAsync(
            async () => await Record.ExceptionAsync(() => client.With(timeout: TimeSpan.FromSeconds(2)).DoAsync("z", Cancel).OrFail()) is null,
            "the service is back with the node");
    }

    /// <summary>The cluster goes with the class: if the test has failed, the queue cannot be deleted.</summary>
    protected override Task CleanUpAsync() => Task.CompletedTask;
}
