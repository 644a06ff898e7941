using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>Clients and servers whose clocks differ, and clocks that are set.</summary>
public abstract class ClockTests(ITestBroker broker) : FailureTest(broker)
{
    private readonly OffClock _clock = new(TimeSpan.Zero);

    [Theory]
    [InlineData(60, false)]
    [InlineData(-60, false)]
    [InlineData(60, true)]
    [InlineData(-60, true)]
    public async Task A_clock_that_is_off_costs_no_call(int seconds, bool batching)
    {
        ITroublemaker client = await ServeOneAtATimeAsync(batching);
        _clock.Offset = TimeSpan.FromSeconds(seconds);

        for (int round = 0; round < 3; round++)
        {
            string[] texts = [.. Enumerable.Range(0, 20).Select(n => $"{round}.{n}")];
            Assert.Equal(texts, await Task.WhenAll(texts.Select(text => client.DoAsync(text, Cancel))).OrFail());
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_clock_that_is_set_while_requests_wait_costs_no_call(int seconds)
    {
        ITroublemaker client = await ServeOneAtATimeAsync(batching: false);
        int ended = 0;

        async Task CallAsync()
        {
            for (int i = 0; i < 10; i++)
            {
                await client.DoAsync("x", Cancel);
                _clock.Offset = Interlocked.Increment(ref ended) >= 30 ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CallAsync())).OrFail();

        Assert.Equal(100, ended);
    }

    [Theory]
    [InlineData(60, "behind")]
    [InlineData(-60, "ahead of")]
    public async Task A_clock_that_is_off_is_named_once(int seconds, string direction)
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        _clock.Offset = TimeSpan.FromSeconds(-seconds);
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { TimeProvider = _clock });
        ITroublemaker client = connection.CreateClient<ITroublemaker>(ClientOptions);

        await Wait.UntilAsync(
            async () =>
            {
                await client.DoAsync("x", Cancel);
                return Log.Count(61) > 0;
            },
            "the clock is named");

        string line = Assert.Single(Log.Lines, line => line.StartsWith("[61]", StringComparison.Ordinal));
        Assert.Contains($"{direction} this server's", line, StringComparison.Ordinal);
        Assert.Matches(" (59|60|61) s ", line);
    }

    [Fact]
    public async Task Requests_of_other_clients_run_whatever_their_timestamp_says()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        long[] timestamps = [now - 3600, now + 3600, 1, long.MaxValue];

        foreach (long timestamp in timestamps)
        {
            await peer.SendAsync(Queue, """{"text":"x"}""", timestamp: timestamp, expiration: 10_000);
        }

        foreach (long _ in timestamps)
        {
            Assert.Equal("\"x\"", (await peer.NextAsync()).Body);
        }
    }

    [Fact]
    public async Task Bare_and_one_way_requests_run_whatever_their_timestamp_says()
    {
        var courier = new Courier();
        long early = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 3600;
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        RpcConnection connection = await ConnectAsync();
        await connection.ServeAsync<IBareEcho>(new BareEcho(), new RpcServerOptions { Queue = Queue + ".bare" }, Cancel);
        await connection.ServeAsync<ICourier>(courier, new RpcServerOptions { Queue = Queue }, Cancel);

        await peer.SendAsync(Queue + ".bare", "7", type: null, timestamp: early, expiration: 10_000);
        await peer.SendAsync(Queue, """{"text":"x"}""", type: "Send", replyTo: null, timestamp: early, expiration: 10_000);

        Assert.Equal("7", (await peer.NextAsync()).Body);
        await Wait.UntilAsync(() => courier.Got is ["x"], "the one-way request runs");
        await Broker.DeleteQueueAsync(Queue + ".bare");
    }

    private async Task<ITroublemaker> ServeOneAtATimeAsync(bool batching)
    {
        await ServeAsync(
            async (text, token) =>
            {
                await Task.Delay(20, token); // the work
                return text;
            },
            new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 });
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { TimeProvider = _clock });
        return connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Batching = batching, Timeout = TimeSpan.FromSeconds(30) });
    }
}

public sealed class ClockTestsInMemory(MemoryBroker broker) : ClockTests(broker), IClassFixture<MemoryBroker>;

public sealed class ClockTestsOnRabbitMq(SharedRabbit broker) : ClockTests(broker);
