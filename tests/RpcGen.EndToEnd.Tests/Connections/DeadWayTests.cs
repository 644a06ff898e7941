using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>A network that loses packets, and brokers that hang: noticed long before heartbeats are missing.</summary>
public sealed class DeadWayTests(DistantRabbit broker) : FailureTest(broker), IClassFixture<DistantRabbit>
{
    /// <summary>With these heartbeats, nothing but the watch can notice a fault within the bound of a test.</summary>
    private static readonly RpcConnectionOptions RareHeartbeats = new() { Heartbeat = TimeSpan.FromMinutes(5) };

    private readonly Held _held = new();

    public override async ValueTask InitializeAsync()
    {
        if (NetworkNamespaces.Obstacle is { } obstacle)
        {
            Assert.Skip(obstacle);
        }

        await base.InitializeAsync();
    }

    protected override async Task CleanUpAsync()
    {
        if (NetworkNamespaces.Obstacle is null)
        {
            await base.CleanUpAsync();
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Lost_packets_end_the_calls_in_flight(bool outgoing, bool incoming)
    {
        Task<string> call = await StartCallAsync();
        var watch = Stopwatch.StartNew();

        await broker.LoseAsync(outgoing, incoming);

        try
        {
            await AssertLostAsync(call, "the network is cut", watch);
        }
        finally
        {
            await broker.RestoreAsync();
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Lost_packets_are_noticed_under_load_and_calls_go_on_afterwards(bool outgoing, bool incoming)
    {
        await ServeRarelyBeatingAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateRarelyBeatingClientAsync();
        Assert.Equal("before", await client.DoAsync("before", Cancel).OrFail());
        Task<string?>[] callers = [.. Enumerable.Range(0, 16).Select(_ => CallUntilLostAsync(client))];
        var watch = Stopwatch.StartNew();

        await broker.LoseAsync(outgoing, incoming);

        try
        {
            string?[] reasons = await Task.WhenAll(callers).OrFail();
            Report(watch);
            Assert.All(reasons, reason => Assert.Contains("the network is cut", reason, StringComparison.Ordinal));
        }
        finally
        {
            await broker.RestoreAsync();
        }

        Assert.Equal("after", await client.DoIdempotentlyAsync("after", Cancel).OrFail());
    }

    [Fact]
    public async Task A_broker_that_hangs_ends_the_calls_in_flight()
    {
        Task<string> call = await StartCallAsync();
        var watch = Stopwatch.StartNew();

        await broker.PauseAsync();

        try
        {
            await AssertLostAsync(call, "the network is cut, or the broker hangs", watch);
        }
        finally
        {
            await broker.ResumeAsync();
        }
    }

    [Fact]
    public async Task A_connection_that_the_broker_holds_up_stays_open()
    {
        Task<string> call = await StartCallAsync();

        await OnReadersAsync("suspend"); // of every connection; new ones are answered
        try
        {
            await Wait.UntilAsync(() => Log.Lines.Any(line => line.StartsWith("[13] The connection for calls", StringComparison.Ordinal)), "the client notices that it is held up");
        }
        finally
        {
            await OnReadersAsync("resume");
        }

        _held.Release();
        Assert.Equal("released", await call.OrFail());
        Assert.Equal(0, Log.Count(1));
    }

    [Fact]
    public async Task A_connection_that_the_broker_blocks_stays_open()
    {
        Task<string> call = await StartCallAsync();
        ITroublemaker client = await CreateRarelyBeatingClientAsync();

        await broker.BlockAsync();
        try
        {
            // The first call makes the broker tell, and is not read. The others wait until their deadlines, longer than it takes to cut a dead way.
            for (int i = 0; i < 2; i++)
            {
                await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromSeconds(5)).DoAsync("blocked", Cancel).OrFail());
            }
        }
        finally
        {
            await broker.UnblockAsync();
        }

        _held.Release();
        Assert.Equal("released", await call.OrFail());
        Assert.Equal(0, Log.Count(1));
    }

    [Fact]
    public async Task The_broker_returns_the_requests_of_a_server_that_it_cannot_reach()
    {
        // The broker sends a heartbeat each 30 s, and has the limit of docs/production.md on its sockets. By heartbeats alone it
        // would notice after two minutes.
        await (await ConnectAsync(new RpcConnectionOptions { Heartbeat = TimeSpan.FromMinutes(1) })).ServeAsync<ITroublemaker>(new Troublemaker(_held.ActAsync), ServerOptions, Cancel);
        Task<string> call = (await CreateRarelyBeatingClientAsync()).DoAsync("x", Cancel);
        await _held.Started.OrFail();
        var watch = Stopwatch.StartNew();

        await broker.LoseAsync(outgoing: true, incoming: true);

        try
        {
            await Wait.UntilAsync(async () => await QueueStateAsync() is { Ready: 1, Unacknowledged: 0 }, "the request is in the queue again");
            Report(watch);
        }
        finally
        {
            await broker.RestoreAsync();
        }

        await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
    }

    [Fact]
    public async Task A_long_call_is_no_dead_way()
    {
        Task<string> call = await StartCallAsync();
        ITroublemaker client = await CreateRarelyBeatingClientAsync();

        await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromSeconds(6)).DoAsync("long", Cancel).OrFail());

        _held.Release();
        Assert.Equal("released", await call.OrFail());
        Assert.Equal((0, 0), (Log.Count(1), Log.Count(13)));
    }

    private static async Task<string?> CallUntilLostAsync(ITroublemaker client)
    {
        while (true)
        {
            try
            {
                await client.DoAsync("x", Cancel).OrFail();
            }
            catch (RpcConnectionException e)
            {
                return e.Message;
            }
        }
    }

    private static void Report(Stopwatch watch) => TestContext.Current.TestOutputHelper!.WriteLine($"Noticed after {watch.Elapsed.TotalSeconds:0.0} s.");

    private static async Task AssertLostAsync(Task<string> call, string reason, Stopwatch watch)
    {
        RpcConnectionException lost = await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        Report(watch);
        Assert.Contains(reason, lost.Message, StringComparison.Ordinal);
        Assert.Equal(RpcExecution.Unknown, lost.Execution);
    }

    /// <summary>Starts a call that its handler holds.</summary>
    private async Task<Task<string>> StartCallAsync()
    {
        await ServeRarelyBeatingAsync(_held.ActAsync);
        ITroublemaker client = await CreateRarelyBeatingClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        await _held.Started.OrFail();
        return call;
    }

    private async Task ServeRarelyBeatingAsync(Func<string, CancellationToken, Task<string>> act) =>
        await (await ConnectAsync(RareHeartbeats)).ServeAsync<ITroublemaker>(new Troublemaker(act), ServerOptions, Cancel);

    private async Task<ITroublemaker> CreateRarelyBeatingClientAsync() =>
        (await ConnectAsync(RareHeartbeats)).CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMinutes(2) });

    private Task OnReadersAsync(string action) => broker.EvalAsync($"[sys:{action}(P) || P <- rabbit_networking:connections()].");
}
