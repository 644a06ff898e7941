using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Exchanges;

/// <summary>Permissions that are missing, or taken away while calls run. RabbitMQ remembers a permission for up to a minute; the broker in memory does not.</summary>
public sealed class RefusalTestsInMemory(MemoryBroker broker) : FailureTest(broker), IClassFixture<MemoryBroker>
{
    private const string DefaultExchange = "";

    private string User { get; } = $"u{Guid.NewGuid():N}"[..12];

    [Fact]
    public async Task A_server_whose_reply_is_refused_stops_and_does_not_run_the_call_again()
    {
        int runs = 0;
        await using RpcConnection serving = await ConnectAsUserAsync();
        RpcServer server = await serving.ServeAsync<ITroublemaker>(
            new Troublemaker((text, _) =>
            {
                Interlocked.Increment(ref runs);
                broker.SetWritable(User, DefaultExchange, false); // before the reply
                return Task.FromResult(text);
            }),
            ServerOptions,
            Cancel);
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Timeout = TimeSpan.FromSeconds(1) });

        Task<string> call = client.DoAsync("x", Cancel);

        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => server.Completion.OrFail());
        Assert.True(refusal.IsBrokerRefusal);
        Assert.Contains($"user '{User}' write to exchange 'amq.default'", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RpcTimeoutException>(() => call.OrFail());
        Assert.Equal(1, runs);
        Assert.Equal(0, (await QueueStateAsync()).Consumers);
        Assert.Equal(1, Log.Count(53));
    }

    [Fact]
    public async Task A_permission_that_is_taken_away_fails_calls_of_its_exchange_and_no_others()
    {
        RpcServerOptions own = new(ServerOptions) { Exchange = Queue + ".requests" };
        int runs = 0;
        await ServeAsync(
            (text, _) =>
            {
                Interlocked.Increment(ref runs);
                return Task.FromResult(text);
            },
            own);
        await using RpcConnection calling = await ConnectAsUserAsync();
        ITroublemaker byDefault = calling.CreateClient<ITroublemaker>(ClientOptions);
        ITroublemaker byOwn = calling.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Exchange = own.Exchange });
        Assert.Equal("1", await byDefault.DoAsync("1", Cancel).OrFail());
        Assert.Equal("2", await byOwn.DoAsync("2", Cancel).OrFail());

        broker.SetWritable(User, DefaultExchange, false);

        for (int i = 0; i < 3; i++)
        {
            var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => byDefault.DoAsync("x", Cancel).OrFail());
            Assert.Equal((true, RpcExecution.NotStarted), (refusal.IsBrokerRefusal, refusal.Execution));
            Assert.Equal("3", await byOwn.DoAsync("3", Cancel).OrFail());
        }

        Assert.Equal(5, runs);
        Assert.Equal(1, Log.Count(1)); // only the first refused message closed the channel of calls
    }

    [Fact]
    public async Task One_way_calls_are_refused_as_well()
    {
        await using RpcConnection calling = await ConnectAsUserAsync();
        ICourier client = calling.CreateClient<ICourier>(ClientOptions);
        broker.SetWritable(User, DefaultExchange, false);
        await Broker.DeclareQueueAsync(Queue);

        foreach (Func<Task> send in (Func<Task>[])[() => client.SendAsync("x", Cancel), () => client.SendIdempotentlyAsync("x", Cancel), () => client.TossAsync("x", Cancel).AsTask()])
        {
            var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => send().OrFail());
            Assert.Equal((true, RpcExecution.NotStarted), (refusal.IsBrokerRefusal, refusal.Execution));
        }

        Assert.Equal(0, (await QueueStateAsync()).Ready);
    }

    private Task<RpcConnection> ConnectAsUserAsync() =>
        RpcConnection.ConnectAsync(broker.UrlOf(User), new RpcConnectionOptions { LoggerFactory = Log }, Cancel);
}
