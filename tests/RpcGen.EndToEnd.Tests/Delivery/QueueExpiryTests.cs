using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>Queues that the broker deletes when nobody serves them any more.</summary>
public abstract class QueueExpiryTests(ITestBroker broker) : DeliveryTest(broker)
{
    [Fact]
    public async Task A_queue_that_has_lost_its_server_is_deleted_and_declared_again_by_the_next()
    {
        RpcServerOptions expiring = new(ServerOptions) { QueueExpiresAfter = TimeSpan.FromMilliseconds(200) };
        RpcServer server = await ServeAsync(new Courier(), expiring);
        RpcServer another = await ServeAsync(new Courier(), expiring); // the same queue
        Assert.Equal(2, (await QueueStateAsync()).Consumers);

        await server.StopAsync(Cancel);
        await another.StopAsync(Cancel);

        await Wait.UntilAsync(async () => await Broker.FindQueueAsync(Queue) is null, "the queue is gone");
        await ServeAsync(new Courier(), expiring);
        Assert.Equal(1, (await QueueStateAsync()).Consumers);
    }

    [Fact]
    public async Task A_queue_that_expires_later_is_not_declared_again()
    {
        await ServeAsync(new Courier(), new RpcServerOptions(ServerOptions) { QueueExpiresAfter = TimeSpan.FromHours(2) });

        var longer = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeAsync(new Courier(), new RpcServerOptions(ServerOptions) { QueueExpiresAfter = TimeSpan.FromHours(3) }).OrFail());
        var never = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeAsync(new Courier(), ServerOptions).OrFail());

        Assert.Contains("its x-expires is '7200000' instead of '10800000'. Set QueueExpiresAfter to 7200000 ms, or", longer.Message, StringComparison.Ordinal);
        Assert.Contains("its x-expires is '7200000' instead of none.", never.Message, StringComparison.Ordinal);
        Assert.False(never.IsTransient);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(50L * 24 * 3600 * 1000)]
    public async Task An_invalid_time_is_refused(long milliseconds)
    {
        var invalid = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => ServeAsync(new Courier(), new RpcServerOptions(ServerOptions) { QueueExpiresAfter = TimeSpan.FromMilliseconds(milliseconds) }).OrFail());

        Assert.Contains("QueueExpiresAfter must be 1 ms to 49 days", invalid.Message, StringComparison.Ordinal);
    }
}

public sealed class QueueExpiryTestsInMemory(MemoryBroker broker) : QueueExpiryTests(broker), IClassFixture<MemoryBroker>;

public sealed class QueueExpiryTestsOnRabbitMq(SharedRabbit broker) : QueueExpiryTests(broker);
