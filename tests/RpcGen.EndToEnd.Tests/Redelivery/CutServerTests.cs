using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Redelivery;

/// <summary>Servers are lost at every point between the delivery of a request and its acknowledgement, and executions are counted.</summary>
public sealed class CutServerTests(SharedRabbit broker) : FailureTest(broker)
{
    private const int Callers = 32;
    private const int CallsEach = 313;
    private const int LeastCuts = 24;

    private readonly List<RpcConnection> _servers = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_call_is_lost_and_none_runs_again_that_its_caller_has_an_answer_to(bool batching)
    {
        var executions = new Executions();
        await using var first = new CuttingProxy(Broker.Url);
        await using var second = new CuttingProxy(Broker.Url);
        foreach (CuttingProxy proxy in (CuttingProxy[])[first, second])
        {
            await ServeBehindAsync(proxy, executions.ActAsync);
        }

        RpcConnection calling = await ConnectAsync(new RpcConnectionOptions { Batching = batching });
        ITroublemaker client = calling.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMinutes(2) });
        CutPoint[] points = Enum.GetValues<CutPoint>();
        int calls = 0;
        int cuts = 0;
        await executions.CallAsync(client, Callers, CallsEach, () => first.Cuts + second.Cuts >= LeastCuts, () =>
        {
            // The next cut once the last one is over: each point, each server, after few frames and after many.
            if (Interlocked.Increment(ref calls) % 100 == 0)
            {
                int cut = Interlocked.Increment(ref cuts);
                (cut % 2 == 0 ? first : second).CutAt(points[cut / 2 % points.Length], cut * 7 % 40);
            }
        }).WaitAsync(TimeSpan.FromMinutes(4), Cancel);

        TestContext.Current.TestOutputHelper?.WriteLine($"{calls} calls, {first.Cuts + second.Cuts} cuts, {executions.Runs} runs, {executions.NeedlessRuns} of them needless, {executions.Failures.Count} calls without an answer");
        Assert.Empty(executions.Failures);
        Assert.Equal(0, executions.NeedlessRuns);
        await UntilQueueIsEmptyAsync();
    }

    /// <summary>The requests of a caller that is gone run in no later life of their server.</summary>
    [Fact]
    public async Task Orphans_do_not_run_again()
    {
        var held = new Held();
        await using var proxy = new CuttingProxy(Broker.Url);
        await ServeBehindAsync(proxy, async (text, token) => text.StartsWith("hold", StringComparison.Ordinal) ? await held.ActAsync(text, token) : text);
        RpcConnection caller = await ConnectAsync();
        ITroublemaker client = caller.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromMinutes(2) });
        Task<string>[] orphans = [.. Enumerable.Range(0, 5).Select(number => client.DoAsync($"hold {number}", Cancel))];
        await Wait.UntilAsync(() => held.Runs == orphans.Length, "all run");
        await caller.DisposeAsync();
        foreach (Task<string> orphan in orphans)
        {
            await Assert.ThrowsAsync<RpcConnectionException>(() => orphan.OrFail());
        }

        ITroublemaker other = await CreateClientAsync();
        proxy.CutAt(CutPoint.BeforeReply, frames: 0);
        Assert.Equal("cut", await other.With(timeout: TimeSpan.FromMinutes(2)).DoAsync("cut", Cancel).OrFail());
        await UntilQueueIsEmptyAsync();

        Assert.Equal((1, orphans.Length), (proxy.Cuts, held.Runs));
    }

    [Fact]
    public async Task A_request_that_kills_its_servers_fails()
    {
        var held = new Held();
        await using var proxy = new CuttingProxy(Broker.Url);
        await ServeBehindAsync(proxy, (text, token) =>
        {
            proxy.CutAt(CutPoint.BeforeReply, frames: 0);
            held.Release();
            return held.ActAsync(text, token);
        });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Timeout = TimeSpan.FromMinutes(2) });

        var failure = await Assert.ThrowsAsync<RpcConnectionException>(() => client.DoAsync("x", Cancel).OrFail());

        Assert.Equal((RpcExecution.Unknown, 3, 3), (failure.Execution, held.Runs, proxy.Cuts));
        Assert.Contains("3 times", failure.Message, StringComparison.Ordinal);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_request_that_still_runs_is_sent_back_once_the_run_is_over()
    {
        var held = new Held();
        await using var proxy = new CuttingProxy(Broker.Url);
        int atATime = 0;
        int most = 0;
        await ServeBehindAsync(proxy, async (text, _) =>
        {
            if (text == "cut")
            {
                return text;
            }

            most = Math.Max(most, Interlocked.Increment(ref atATime));
            string result = await held.ActAsync(text, CancellationToken.None); // does not heed its token
            Interlocked.Decrement(ref atATime);
            return result;
        });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Timeout = TimeSpan.FromMinutes(2) });
        Task<string> call = client.DoAsync("x", Cancel);
        await held.Started.OrFail();

        proxy.CutAt(CutPoint.BeforeReply, frames: 0);
        Assert.Equal("cut", await client.DoAsync("cut", Cancel).OrFail()); // went to the server after the request that is held
        Assert.Equal("cut", await client.DoAsync("cut", Cancel).OrFail());
        Assert.Equal((1, false), (held.Runs, call.IsCompleted));
        held.Release();

        Assert.Equal("released", await call.OrFail());
        Assert.Equal((2, 1), (held.Runs, most));
        await UntilQueueIsEmptyAsync();
    }

    private async Task ServeBehindAsync(CuttingProxy proxy, Func<string, CancellationToken, Task<string>> act)
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(proxy.Url, new RpcConnectionOptions { LoggerFactory = Log }, Cancel);
        _servers.Add(connection);
        await connection.ServeAsync<ITroublemaker>(new Troublemaker(act), ServerOptions, Cancel);
    }

    protected override async Task CleanUpAsync()
    {
        foreach (RpcConnection connection in _servers)
        {
            await connection.DisposeAsync();
        }

        await base.CleanUpAsync();
    }
}
