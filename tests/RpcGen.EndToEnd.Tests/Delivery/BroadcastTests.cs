using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>Broadcasts.</summary>
public abstract class BroadcastTests(ITestBroker broker) : DeliveryTest(broker)
{
    [Fact]
    public async Task Every_instance_gets_a_broadcast_once()
    {
        Courier[] couriers = [new(), new(), new()];
        foreach (Courier courier in couriers)
        {
            await ServeAsync(courier);
        }

        ICourier client = await CreateClientAsync();
        await client.AnnounceAsync("one", Cancel).OrFail();
        await client.AnnounceAsync("two", Cancel).OrFail();
        await client.AskAsync("for one of them", Cancel).OrFail();

        await Wait.UntilAsync(() => couriers.All(courier => courier.Got.Count(text => text != "for one of them") == 2), "all have both");
        Assert.All(couriers, courier => Assert.Equal(["one", "two"], courier.Got.Where(text => text != "for one of them").Order()));
        Assert.Single(couriers, courier => courier.Got.Contains("for one of them"));
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task An_instance_that_finishes_calls_of_a_deleted_queue_gets_each_broadcast_once()
    {
        var release = new TaskCompletionSource();
        var courier = new Courier(async (text, _) =>
        {
            await (text == "slow" ? release.Task : Task.CompletedTask);
            return text;
        });
        await ServeAsync(courier);
        ICourier client = await CreateClientAsync();
        Task<string> slow = client.AskAsync("slow", Cancel);
        await Wait.UntilAsync(() => courier.Got.Contains("slow"), "it runs");

        await Broker.DeleteQueueAsync(Queue);
        await Wait.UntilAsync(async () => await Broker.FindQueueAsync(Queue) is { Consumers: 1 }, "the queue is served again");
        await client.AnnounceAsync("to all", Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got.Contains("to all"), "it has come");
        await client.AnnounceAsync("last", Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got.Contains("last"), "so has the next");
        release.SetResult();

        Assert.Equal("slow", await slow.OrFail());
        Assert.Single(courier.Got, text => text == "to all");
    }

    [Fact]
    public async Task Two_servers_of_one_process_are_two_instances()
    {
        Courier[] couriers = [new(), new()];
        RpcConnection connection = await ConnectAsync();
        foreach (Courier courier in couriers)
        {
            await connection.ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        }

        await (await CreateClientAsync()).AnnounceAsync("x", Cancel).OrFail();

        await Wait.UntilAsync(() => couriers.All(courier => courier.Got is ["x"]), "both have it");
    }

    [Fact]
    public async Task Without_an_instance_a_broadcast_fails_at_once()
    {
        ICourier client = (await CreateClientAsync()).With(timeout: Timeout.InfiniteTimeSpan);

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.AnnounceAsync("x", Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        Assert.Contains("no instance", unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_instance_many_callers_all_fail_and_other_calls_are_not_affected()
    {
        var courier = new Courier();
        await ServeAsync(courier);
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions);
        ICourier nobody = connection.CreateClient<ICourier>(new RpcClientOptions { Queue = Queue + ".nobody" });

        Task[] good = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? client.SendAsync($"{i}", Cancel) : client.AnnounceAsync($"{i}", Cancel))];
        Task[] bad = [.. Enumerable.Range(0, 100).Select(_ => nobody.AnnounceAsync("x", Cancel))];

        await Task.WhenAll(good).OrFail();
        foreach (Task call in bad)
        {
            await Assert.ThrowsAsync<RpcUnavailableException>(() => call.OrFail());
        }

        await Wait.UntilAsync(() => courier.Got.Length == 100, "all the good ones have run");
    }

    [Fact]
    public async Task A_stopped_instance_gets_no_more_broadcasts()
    {
        Courier first = new(), second = new();
        RpcServer one = await ServeAsync(first);
        RpcServer two = await ServeAsync(second);
        ICourier client = await CreateClientAsync();
        await client.AnnounceAsync("both", Cancel).OrFail();
        await Wait.UntilAsync(() => first.Got.Length == 1 && second.Got.Length == 1, "both have it");

        await one.StopAsync(Cancel).OrFail();
        await client.AnnounceAsync("second", Cancel).OrFail();
        await Wait.UntilAsync(() => second.Got.Length == 2, "the second has it");
        await two.StopAsync(Cancel).OrFail();

        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.AnnounceAsync("nobody", Cancel).OrFail());
        Assert.Equal(["both"], first.Got);
        Assert.Equal(["both", "second"], second.Got);
    }

    [Fact]
    public async Task Broadcasts_and_requests_share_MaxConcurrentCalls()
    {
        const int prefetch = 4;
        int running = 0, most = 0;
        var courier = new Courier(async (text, _) =>
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await Task.Delay(5, CancellationToken.None);
            Interlocked.Decrement(ref running);
            return text;
        });
        await ServeAsync(courier, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = prefetch });
        ICourier client = await CreateClientAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? client.SendAsync($"{i}", Cancel) : client.AnnounceAsync($"{i}", Cancel))).OrFail();

        await Wait.UntilAsync(() => courier.Got.Length == 100 && Volatile.Read(ref running) == 0, "all have run");
        Assert.InRange(most, 1, prefetch);
    }

    [Fact]
    public async Task A_handler_that_throws_is_logged()
    {
        await ServeAsync(new Courier((_, _) => throw new InvalidOperationException("no ears")));

        await (await CreateClientAsync()).AnnounceAsync("x", Cancel).OrFail();

        await Wait.UntilAsync(() => Log.Count(47) == 1, "it is logged");
    }

    private static void InterlockedMax(ref int most, int now)
    {
        int seen = Volatile.Read(ref most);
        while (now > seen)
        {
            int before = Interlocked.CompareExchange(ref most, now, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}

public sealed class BroadcastTestsInMemory(MemoryBroker broker) : BroadcastTests(broker), IClassFixture<MemoryBroker>;

public sealed class BroadcastTestsOnRabbitMq(SharedRabbit broker) : BroadcastTests(broker);
