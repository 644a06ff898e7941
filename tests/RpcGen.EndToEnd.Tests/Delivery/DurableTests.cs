using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>The broker restarts while requests wait.</summary>
public abstract class DurableTests(IBreakableBroker broker) : DeliveryTest(broker)
{
    private readonly IBreakableBroker _broker = broker;

    [Fact]
    public async Task A_durable_one_way_request_survives_a_broker_restart()
    {
        await DeclareUnservedAsync();
        ICourier client = await CreateClientAsync();
        await client.SendDurablyAsync("durable", Cancel).OrFail();
        await client.SendAsync("passing", Cancel).OrFail();
        Assert.Equal(2, (await QueueStateAsync()).Ready);

        await _broker.StopAsync();
        await _broker.StartAsync();
        var courier = new Courier();
        await ServeAsync(courier);

        await Wait.UntilAsync(() => courier.Got.Length > 0, "it has run");
        await UntilQueueIsEmptyAsync();
        Assert.Equal(["durable"], courier.Got);
    }

    [Fact]
    public async Task A_durable_call_runs_after_its_caller_got_an_unknown_outcome()
    {
        await DeclareUnservedAsync();
        ICourier client = (await CreateClientAsync()).With(timeout: Long);
        Task<string> durable = client.AskDurablyAsync("durable", Cancel);
        Task<string> passing = client.AskAsync("passing", Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 2, "both wait");

        await _broker.StopAsync();
        foreach (Task<string> call in new[] { durable, passing })
        {
            var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
            Assert.Contains("may still run", lost.Message, StringComparison.Ordinal);
        }

        await _broker.StartAsync();
        var courier = new Courier();
        await ServeAsync(courier);

        await Wait.UntilAsync(() => courier.Got.Length > 0, "it has run");
        await UntilQueueIsEmptyAsync();
        Assert.Equal(["durable"], courier.Got);
    }
}

public sealed class DurableTestsInMemory(MemoryBroker broker) : DurableTests(broker), IClassFixture<MemoryBroker>;

public sealed class DurableTestsOnRabbitMq(PrivateRabbit broker) : DurableTests(broker), IClassFixture<PrivateRabbit>;
