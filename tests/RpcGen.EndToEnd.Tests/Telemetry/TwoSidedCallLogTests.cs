using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>What operators find in the logs of client and server about one call, and about a stop.</summary>
public abstract class TwoSidedCallLogTests(ITestBroker broker) : FailureTest(broker)
{
    private const string Calls = "RpcGen.Calls";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_id_of_a_timeout_is_in_the_servers_log(bool batching)
    {
        var log = new CategoryLog(LogLevel.Information);
        var held = new Held();
        await using RpcConnection serving = await ConnectAsync(log);
        await serving.ServeAsync<ITroublemaker>(new Troublemaker(held.ActAsync), ServerOptions, Cancel);
        RpcConnection calling = await ConnectAsync(new RpcConnectionOptions { Batching = batching });
        ITroublemaker client = calling.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMilliseconds(500) });

        Task<string>[] calls = [.. Enumerable.Range(0, 5).Select(_ => client.DoAsync("x", Cancel))];

        foreach (Task<string> call in calls)
        {
            RpcTimeoutException late = await Assert.ThrowsAsync<RpcTimeoutException>(() => call.OrFail());
            string line = await log.FindAsync(Calls, 72, late.CallId!);
            Assert.StartsWith($"Call {late.CallId} of queue {Queue} (type Do) ended ", line, StringComparison.Ordinal);
            Assert.EndsWith(": its deadline had passed.", line, StringComparison.Ordinal);
        }

        Assert.Empty(log.Of(Calls, 71)); // these are Debug messages
    }

    [Fact]
    public async Task A_cancelled_call_is_in_both_logs_with_one_id()
    {
        var (clients, servers) = (new CategoryLog(LogLevel.Debug), new CategoryLog(LogLevel.Information));
        var held = new Held();
        await using RpcConnection serving = await ConnectAsync(servers);
        await serving.ServeAsync<ITroublemaker>(new Troublemaker(held.ActAsync), ServerOptions, Cancel);
        await using RpcConnection calling = await ConnectAsync(clients);
        using var caller = new CancellationTokenSource();
        Task<string> call = calling.CreateClient<ITroublemaker>(ClientOptions).DoAsync("x", caller.Token);
        await held.Started.OrFail();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
        string id = IdOf(await clients.FindAsync(Calls, 70, "CanceledException"));
        Assert.EndsWith(": its caller had cancelled it.", await servers.FindAsync(Calls, 72, $"Call {id} of queue {Queue} "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_call_is_in_both_logs_with_its_id_and_outcome()
    {
        var (clients, servers) = (new CategoryLog(LogLevel.Debug), new CategoryLog(LogLevel.Debug));
        await using RpcConnection serving = await ConnectAsync(servers);
        await serving.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => text == "bad" ? throw new InvalidOperationException(text) : Task.FromResult(text)), ServerOptions, Cancel);
        await using RpcConnection calling = await ConnectAsync(clients);
        ITroublemaker client = calling.CreateClient<ITroublemaker>(ClientOptions);

        await client.DoAsync("good", Cancel).OrFail();
        RpcRemoteException failure = await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("bad", Cancel).OrFail());

        Assert.Contains(": internal.", await servers.FindAsync(Calls, 71, failure.CallId!), StringComparison.Ordinal);
        Assert.Contains(": internal.", await clients.FindAsync(Calls, 70, failure.CallId!), StringComparison.Ordinal);
        string id = IdOf(await clients.FindAsync(Calls, 70, ": ok."));
        Assert.Contains(": ok.", await servers.FindAsync(Calls, 71, id), StringComparison.Ordinal);
        Assert.Equal((2, 2), (clients.Of(Calls, 70).Length, servers.Of(Calls, 71).Length));
    }

    [Fact]
    public async Task A_stop_says_what_is_drained_and_when_it_is_over()
    {
        var log = new CategoryLog(LogLevel.Information);
        var held = new Held();
        await using RpcConnection serving = await ConnectAsync(log);
        RpcServer server = await serving.ServeAsync<ITroublemaker>(new Troublemaker(held.ActAsync), ServerOptions, Cancel);
        Task<string> call = (await CreateClientAsync()).DoAsync("x", Cancel);
        await held.Started.OrFail();

        Task stopping = server.StopAsync(Cancel);

        await log.FindAsync("RpcGen", 54, $"Queue {Queue} is no longer consumed. 1 running and 0 waiting calls are drained.");
        Assert.Empty(log.Of("RpcGen", 55));
        held.Release();
        await stopping.OrFail();
        Assert.Equal([$"The server of queue {Queue} has stopped."], log.Of("RpcGen", 55));
        Assert.Equal("released", await call.OrFail());
    }

    private static string IdOf(string line) => line.Split(' ')[1];

    private Task<RpcConnection> ConnectAsync(CategoryLog log) => RpcConnection.ConnectAsync(Broker.Url, new RpcConnectionOptions { LoggerFactory = log }, Cancel);
}

public sealed class TwoSidedCallLogTestsInMemory(MemoryBroker broker) : TwoSidedCallLogTests(broker), IClassFixture<MemoryBroker>;

public sealed class TwoSidedCallLogTestsOnRabbitMq(SharedRabbit broker) : TwoSidedCallLogTests(broker);
