using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>One-way calls to a queue that is missing, full or not served.</summary>
public abstract class OneWayQueueTests(ITestBroker broker) : DeliveryTest(broker)
{
    [Fact]
    public async Task A_missing_queue_is_reported_at_once()
    {
        ICourier client = (await CreateClientAsync()).With(timeout: Timeout.InfiniteTimeSpan);

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("x", Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        Assert.Contains($"has no queue '{Queue}' (312 NO_ROUTE)", unavailable.Message, StringComparison.Ordinal);
        Assert.Contains("'Send'", unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_queue_that_rejects_messages_fails_the_call_at_once()
    {
        await Broker.DeclareQueueAsync(Queue, maxLength: 1);
        ICourier client = (await CreateClientAsync()).With(timeout: Timeout.InfiniteTimeSpan);
        await client.SendAsync("fits", Cancel).OrFail();

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("x", Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        Assert.Contains($"queue '{Queue}'", unavailable.Message, StringComparison.Ordinal);
        Assert.Contains("reject-publish", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await QueueStateAsync()).Ready);
    }

    [Fact]
    public async Task A_queue_without_consumers_keeps_the_request()
    {
        await DeclareUnservedAsync();
        ICourier client = await CreateClientAsync();

        await client.SendBrieflyAsync("x", Cancel).OrFail();
        await Task.Delay(600, Cancel); // longer than the handler's timeout: the wait in the queue does not count
        Assert.Equal(1, (await QueueStateAsync()).Ready);
        var courier = new Courier();
        await ServeAsync(courier);

        await Wait.UntilAsync(() => courier.Got is ["x"], "it runs");
    }

    [Fact]
    public async Task A_queue_without_consumers_fails_the_call_with_FailFast()
    {
        await DeclareUnservedAsync();
        ICourier client = await CreateClientAsync();

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.With(failFast: true).SendAsync("x", Cancel).OrFail());

        Assert.Contains("has no consumer", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await QueueStateAsync()).Ready);
    }
}

public sealed class OneWayQueueTestsInMemory(MemoryBroker broker) : OneWayQueueTests(broker), IClassFixture<MemoryBroker>;

public sealed class OneWayQueueTestsOnRabbitMq(SharedRabbit broker) : OneWayQueueTests(broker);
