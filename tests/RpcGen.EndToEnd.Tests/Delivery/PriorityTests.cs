using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>Requests with priorities.</summary>
public abstract class PriorityTests(ITestBroker broker) : DeliveryTest(broker)
{
    private RpcServerOptions Priorities => new RpcServerOptions(ServerOptions) { MaxPriority = 9, MaxConcurrentCalls = 1 };

    [Fact]
    public async Task Waiting_requests_with_a_higher_priority_run_first()
    {
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((text, _) => text == "first" ? release.Task : Task.FromResult(text));
        await ServeAsync(courier, Priorities);
        ICourier client = (await CreateClientAsync()).With(timeout: Long);
        Task<string> first = client.AskAsync("first", Cancel);
        await Wait.UntilAsync(() => courier.Got.Length == 1, "the first call keeps the server busy");
        Task<string>[] calls =
        [
            await WaitingAsync(client.AskAsync("plain", Cancel), 1),
            await WaitingAsync(client.AskUrgentlyAsync("contract's", Cancel), 2),
            await WaitingAsync(client.With(priority: 9).AskAsync("call's own", Cancel), 3),
            await WaitingAsync(client.With(priority: 0).AskUrgentlyAsync("call's own, lower", Cancel), 4),
        ];
        await client.With(priority: 5).SendAsync("one way", Cancel).OrFail();
        release.SetResult("first");

        await Task.WhenAll(calls.Append(first)).OrFail();
        Assert.Equal(["first", "call's own", "contract's", "one way", "plain", "call's own, lower"], courier.Got);
    }

    [Fact]
    public async Task The_request_carries_the_priority()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ICourier client = await CreateClientAsync();

        await client.With(priority: 200).SendAsync("x", Cancel).OrFail();
        _ = client.With(timeout: TimeSpan.FromMilliseconds(100)).AskUrgentlyAsync("y", Cancel);
        _ = client.With(timeout: TimeSpan.FromMilliseconds(100)).AskAsync("z", Cancel);

        Assert.Equal(200, (await server.NextAsync()).Priority);
        Assert.Equal(7, (await server.NextAsync()).Priority);
        Assert.Equal(0, (await server.NextAsync()).Priority);
    }

    [Fact]
    public async Task Serving_a_queue_that_exists_without_priorities_fails_and_names_the_remedy()
    {
        await DeclareUnservedAsync();

        var refused = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeAsync(new Courier(), Priorities).OrFail());

        Assert.Contains("x-max-priority=9", refused.Message, StringComparison.Ordinal);
        Assert.Contains("inequivalent arg 'x-max-priority'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("its x-max-priority is none instead of '9'. Remove MaxPriority, or serve the queue as it is", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, RpcQueueType.Classic)]
    [InlineData(256, RpcQueueType.Classic)]
    [InlineData(5, RpcQueueType.Quorum)]
    public async Task Invalid_priorities_are_refused(int maxPriority, RpcQueueType type)
    {
        var invalid = await Assert.ThrowsAnyAsync<ArgumentException>(() => ServeAsync(new Courier(), new RpcServerOptions(ServerOptions) { MaxPriority = maxPriority, QueueType = type }).OrFail());

        Assert.Contains("MaxPriority", invalid.Message, StringComparison.Ordinal);
    }

    private async Task<Task<string>> WaitingAsync(Task<string> call, int count)
    {
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == count, $"{count} requests wait");
        return call;
    }
}

public sealed class PriorityTestsInMemory(MemoryBroker broker) : PriorityTests(broker), IClassFixture<MemoryBroker>;

public sealed class PriorityTestsOnRabbitMq(SharedRabbit broker) : PriorityTests(broker);
