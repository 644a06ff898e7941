using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>Handlers that take longer than the broker's <c>consumer_timeout</c>. The node checks twice a second instead of once a minute.</summary>
public sealed class ConsumerTimeoutTests(PrivateRabbit broker) : FailureTest(broker), IClassFixture<PrivateRabbit>
{
    private const int BrokerLimitMilliseconds = 2_000;

    private readonly ConcurrentDictionary<string, int> _runs = new();

    public override async ValueTask InitializeAsync()
    {
        await ((RabbitNode)Broker).EvalAsync($"application:set_env(rabbit, consumer_timeout, {BrokerLimitMilliseconds}), application:set_env(rabbit, channel_tick_interval, 500).");
        await base.InitializeAsync();
    }

    [Fact]
    public async Task A_handler_that_outlasts_a_known_limit_is_given_up_and_harms_nobody()
    {
        await ServeAsync(ActAsync, new RpcServerOptions(ServerOptions) { ConsumerTimeout = TimeSpan.FromMilliseconds(BrokerLimitMilliseconds), LongCallAfter = Timeout.InfiniteTimeSpan });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Batching = false });

        Task<string>[] endless = [.. Enumerable.Range(0, 3).Select(n => client.With(timeout: TimeSpan.FromMinutes(2)).DoAsync($"endless {n}", Cancel))];
        foreach (Task<string> call in endless)
        {
            RpcConnectionException interrupted = await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
            Assert.Contains("consumer_timeout", interrupted.Message, StringComparison.Ordinal);
            Assert.Equal(RpcExecution.Unknown, interrupted.Execution);
        }

        Assert.Equal("quick", await client.DoAsync("quick", Cancel).OrFail());
        Assert.All(_runs, run => Assert.Equal(1, run.Value));
        Assert.Equal((3, 0), (Log.Count(57), Log.Count(58)));
    }

    [Fact]
    public async Task An_unknown_limit_costs_one_more_start_and_is_named()
    {
        Assert.SkipWhen(await ((RabbitNode)Broker).GetVersionAsync() >= new Version(4, 3), "RabbitMQ 4.3 has no limit for the consumers of classic queues.");
        await ServeAsync(ActAsync, new RpcServerOptions(ServerOptions) { LongCallAfter = Timeout.InfiniteTimeSpan });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Batching = false });

        Task<string>[] endless = [.. Enumerable.Range(0, 5).Select(n => client.With(timeout: TimeSpan.FromMinutes(2)).DoAsync($"endless {n}", Cancel))];
        foreach (Task<string> call in endless)
        {
            await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        }

        Assert.All(_runs, run => Assert.InRange(run.Value, 1, 2));
        Assert.Equal(1, Log.Count(58));
        Assert.Contains(Log.Lines, line => line.StartsWith("[58]", StringComparison.Ordinal) && line.Contains("within 2 s (consumer_timeout)", StringComparison.Ordinal));
        Assert.Equal("quick", await client.DoAsync("quick", Cancel).OrFail());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_long_call_runs_once_however_long_it_takes(bool isLongRunning)
    {
        var held = new Held();
        RpcConnection serving = await ConnectAsync();
        await serving.ServeAsync<IErrands>(new Errands(held.ActAsync), new RpcServerOptions(ServerOptions) { LongCallAfter = TimeSpan.FromMilliseconds(500) }, Cancel);
        IErrands client = (await ConnectAsync()).CreateClient<IErrands>(ClientOptions);

        Task<string> running = isLongRunning ? client.RunAsync("x", Cancel) : client.DoAsync("x", Cancel);
        await held.Started.OrFail();
        await Task.WhenAny(running, Task.Delay(3 * BrokerLimitMilliseconds, Cancel)); // the node checks twice a second
        Assert.False(running.IsCompleted);
        held.Release();

        Assert.Equal("released", await running.OrFail());
        Assert.Equal(1, held.Runs);
        Assert.Equal((0, 0), (Log.Count(57), Log.Count(58)));
    }

    private async Task<string> ActAsync(string text, CancellationToken cancellationToken)
    {
        _runs.AddOrUpdate(text, 1, (_, runs) => runs + 1);
        if (text != "quick")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return text;
    }
}
