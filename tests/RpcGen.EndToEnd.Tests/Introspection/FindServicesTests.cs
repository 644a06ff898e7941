using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>Finding services without knowing their queues.</summary>
public abstract class FindServicesTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task Every_instance_answers_even_if_all_its_places_are_taken()
    {
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((_, _) => release.Task);
        string other = Queue + ".other";
        RpcConnection first = await ConnectAsync();
        RpcConnection second = await ConnectAsync();
        await first.ServeAsync<ICourier>(courier, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 }, Cancel);
        await second.ServeAsync<ICourier>(courier, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 }, Cancel);
        await second.ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { Queue = other }, Cancel);
        RpcConnection asking = await ConnectAsync();
        ICourier client = asking.CreateClient<ICourier>(ClientOptions);
        await client.SendAsync("a", Cancel).OrFail();
        await client.SendAsync("b", Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got.Length == 2, "all places are taken");

        List<RpcServiceInstance> all = await FindAsync(asking, null);
        List<RpcServiceInstance> ofQueue = await FindAsync(asking, Queue);
        release.SetResult("");

        RpcServiceInstance[] mine = [.. all.Where(instance => instance.Queue.StartsWith(Queue, StringComparison.Ordinal)).OrderBy(instance => instance.Queue, StringComparer.Ordinal)];
        Assert.Equal([Queue, Queue, other], mine.Select(instance => instance.Queue));
        Assert.Equal(3, mine.Select(instance => instance.Instance.Id).Distinct().Count());
        Assert.Equal((mine[0].Digest, "RpcGen.EndToEnd.Tests.Contracts.ICourier"), (mine[1].Digest, mine[0].Contract));
        Assert.NotEqual(mine[0].Digest, mine[2].Digest);
        Assert.Equal(mine[..2].Select(instance => instance.Instance.Id).Order(), ofQueue.Select(instance => instance.Instance.Id).Order());
        await Broker.DeleteQueueAsync(other);
    }

    [Fact]
    public async Task A_server_that_is_not_discoverable_is_found_by_its_queue_alone()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { Discoverable = false }, Cancel);
        RpcConnection asking = await ConnectAsync();

        Assert.DoesNotContain(await FindAsync(asking, null), instance => instance.Queue == Queue);
        Assert.Single(await FindAsync(asking, Queue));
    }

    [Fact]
    public async Task Of_a_queue_that_nobody_serves_there_are_no_instances()
    {
        RpcConnection asking = await ConnectAsync();

        Assert.Empty(await FindAsync(asking, Queue));
        Assert.Throws<ArgumentOutOfRangeException>(() => asking.FindServicesAsync(window: TimeSpan.Zero, cancellationToken: Cancel));
        Assert.Throws<ArgumentOutOfRangeException>(() => asking.FindServicesAsync(window: TimeSpan.FromMinutes(2), cancellationToken: Cancel));
        Assert.Throws<ArgumentException>(() => asking.FindServicesAsync("", cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_search_that_loses_its_connection_fails()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);
        RpcConnection asking = await ConnectAsync();
        await using IAsyncEnumerator<RpcServiceInstance> search = asking.FindServicesAsync(Queue, cancellationToken: Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await search.MoveNextAsync().AsTask().OrFail());

        await asking.DisposeAsync();

        await Assert.ThrowsAsync<RpcConnectionException>(() => search.MoveNextAsync().AsTask().OrFail());
    }

    [Fact]
    public async Task A_server_whose_description_is_guarded_does_not_name_its_contract()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { DescriptionPolicy = "" }, Cancel);

        RpcServiceInstance found = Assert.Single(await FindAsync(await ConnectAsync(), Queue));

        Assert.Equal((Queue, "", null, ""), (found.Queue, found.Contract, found.Version, found.Digest));
    }

    [Fact]
    public async Task Who_asks_all_services_cannot_cancel_their_calls()
    {
        var release = new TaskCompletionSource<string>();
        CancellationToken seen = default;
        var courier = new Courier((_, token) =>
        {
            seen = token;
            return release.Task;
        });
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await peer.SendAsync(Queue, """{"text":"x"}""", type: "Ask", correlationId: "id");
        await Wait.UntilAsync(() => courier.Got.Length == 1, "it runs");

        await peer.Channel.PublishAsync(Cancellation("rpc.services"), Cancel);
        await peer.Channel.PublishAsync(Question("rpc.services"), Cancel);
        Assert.Equal("q", (await peer.NextAsync()).CorrelationId); // the inbox is in order
        Assert.False(seen.IsCancellationRequested);
        await peer.Channel.PublishAsync(Cancellation(Queue + ".cancel"), Cancel);
        await Wait.UntilAsync(() => seen.IsCancellationRequested, "the other exchange cancels");
        release.SetResult("");

        Transport.OutgoingMessage Cancellation(string exchange) => new() { Exchange = exchange, RoutingKey = "", CorrelationId = new Transport.CorrelationId("id"), ReplyTo = peer.Queue };
        Transport.OutgoingMessage Question(string exchange) => Cancellation(exchange) with { Type = "$ping", CorrelationId = new Transport.CorrelationId("q") };
    }

    private static async Task<List<RpcServiceInstance>> FindAsync(RpcConnection connection, string? queue)
    {
        var found = new List<RpcServiceInstance>();
        await foreach (RpcServiceInstance instance in connection.FindServicesAsync(queue, cancellationToken: Cancel))
        {
            found.Add(instance);
        }

        return found;
    }
}

public sealed class FindServicesTestsInMemory(MemoryBroker broker) : FindServicesTests(broker), IClassFixture<MemoryBroker>;

public sealed class FindServicesTestsOnRabbitMq(SharedRabbit broker) : FindServicesTests(broker);
