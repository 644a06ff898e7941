using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>One-way calls that run while their server stops.</summary>
public abstract class OneWayStoppingTests(ITestBroker broker) : DeliveryTest(broker)
{
    [Fact]
    public async Task A_stopping_server_lets_one_way_calls_finish()
    {
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((_, _) =>
        {
            started.TrySetResult();
            return release.Task;
        });
        RpcServer server = await ServeAsync(courier);
        await (await CreateClientAsync()).SendAsync("x", Cancel).OrFail();
        await started.Task.OrFail();

        Task stopping = server.StopAsync(Cancel);
        Assert.False(stopping.IsCompleted);
        release.SetResult("");
        await stopping.OrFail();

        await UntilQueueIsEmptyAsync();
        Assert.Equal(["x"], courier.Got);
    }

    [Fact]
    public async Task Calls_that_exceed_the_grace_period_go_to_another_server()
    {
        var started = new TaskCompletionSource();
        var courier = new Courier(async (_, token) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return "";
        });
        RpcServer server = await ServeAsync(courier, new RpcServerOptions(ServerOptions) { GracePeriod = TimeSpan.FromMilliseconds(100) });
        await (await CreateClientAsync()).SendAsync("x", Cancel).OrFail();
        await started.Task.OrFail();

        await server.StopAsync(Cancel).OrFail();
        var other = new Courier();
        await ServeAsync(other);

        await Wait.UntilAsync(() => other.Got is ["x"], "the other has run it");
        Assert.Equal(0, Log.Count(47));
    }
}

public sealed class OneWayStoppingTestsInMemory(MemoryBroker broker) : OneWayStoppingTests(broker), IClassFixture<MemoryBroker>;

public sealed class OneWayStoppingTestsOnRabbitMq(SharedRabbit broker) : OneWayStoppingTests(broker);
