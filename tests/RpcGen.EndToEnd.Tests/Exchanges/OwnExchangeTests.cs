using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Exchanges;

/// <summary>Services that are called through an exchange of their own, and replies through another one.</summary>
public abstract class OwnExchangeTests(ITestBroker broker) : FailureTest(broker)
{
    private static readonly RpcConnectionOptions WithReplyExchange = new() { ReplyExchange = "rpc.replies" };

    private string Exchange => Queue + ".requests";

    private RpcServerOptions OwnServerOptions => new(ServerOptions) { Exchange = Exchange };

    private RpcClientOptions OwnClientOptions => new(ClientOptions) { Exchange = Exchange };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Calls_and_questions_are_answered(bool serverReplies, bool clientReplies)
    {
        bool isLost = serverReplies && !clientReplies;
        RpcConnection serving = await ConnectAsync(serverReplies ? WithReplyExchange : new RpcConnectionOptions());
        await serving.ServeAsync<ICalculator>(new Calculator(), OwnServerOptions, Cancel);
        RpcConnection calling = await ConnectAsync(clientReplies ? WithReplyExchange : new RpcConnectionOptions());
        ICalculator client = calling.CreateClient<ICalculator>(new RpcClientOptions(OwnClientOptions) { Timeout = isLost ? TimeSpan.FromMilliseconds(500) : null });

        if (isLost)
        {
            // The server publishes replies to an exchange that the caller's callback queue is not bound to.
            await Assert.ThrowsAsync<RpcTimeoutException>(() => client.AddAsync(1, 2, Cancel).OrFail());
            return;
        }

        Assert.Equal(3, await client.AddAsync(1, 2, Cancel).OrFail());
        Assert.Equal(Queue, (await calling.DescribeAsync(Queue, Cancel).OrFail()).Service.Queue);
        Assert.NotNull((await calling.PingAsync(Queue, Cancel).OrFail()).Service.Instance);
        Assert.Equal(7, await calling.CreateClient<ICalculator>(ClientOptions).AddAsync(3, 4, Cancel).OrFail()); // the default exchange leads there as well
    }

    [Fact]
    public async Task The_broker_s_user_counts_on_both_ways()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(OwnServerOptions) { Authorizer = vault }, Cancel);
        RpcConnection known = await ConnectAsync(new RpcConnectionOptions { SendBrokerUser = true });

        string? byDefaultExchange = await known.CreateClient<IVault>(ClientOptions).WhoAmIAsync(Cancel).OrFail();
        string? byOwnExchange = await known.CreateClient<IVault>(OwnClientOptions).WhoAmIAsync(Cancel).OrFail();

        Assert.NotNull(byOwnExchange);
        Assert.Equal(byDefaultExchange, byOwnExchange);
        Assert.Equal(0, Log.Count(52));
    }

    [Fact]
    public async Task A_bare_service_answers_through_the_default_exchange_because_foreign_callers_know_no_other()
    {
        await (await ConnectAsync(WithReplyExchange)).ServeAsync<IBareEcho>(new BareEcho(), ServerOptions, Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "7", type: null);

        Assert.Equal("7", (await peer.NextAsync()).Body);
    }

    [Fact]
    public async Task Many_calls_at_a_time_are_answered()
    {
        await (await ConnectAsync(WithReplyExchange)).ServeAsync<ICalculator>(new Calculator(), OwnServerOptions, Cancel);
        ICalculator client = (await ConnectAsync(WithReplyExchange)).CreateClient<ICalculator>(OwnClientOptions);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async caller =>
        {
            for (int i = 0; i < 20; i++)
            {
                Assert.Equal(caller + i, await client.AddAsync(caller, i, Cancel));
            }
        })).OrFail();

        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Every_kind_of_delivery_works()
    {
        Courier[] couriers = [new(), new()];
        foreach (Courier courier in couriers)
        {
            await (await ConnectAsync(WithReplyExchange)).ServeAsync<ICourier>(courier, OwnServerOptions, Cancel);
        }

        ICourier client = (await ConnectAsync(WithReplyExchange)).CreateClient<ICourier>(OwnClientOptions);
        await client.SendAsync("one-way", Cancel).OrFail();
        await client.TossAsync("unconfirmed", Cancel);
        await client.AnnounceAsync("to all", Cancel).OrFail();
        Assert.Equal("durable", await client.AskDurablyAsync("durable", Cancel).OrFail());

        await Wait.UntilAsync(() => couriers.Sum(courier => courier.Got.Length) == 5, "all have come");
        Assert.All(couriers, courier => Assert.Contains("to all", courier.Got));
    }

    [Fact]
    public async Task Cancels_reach_the_server()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync, OwnServerOptions);
        ITroublemaker client = await CreateClientAsync(OwnClientOptions);
        using var caller = new CancellationTokenSource();
        Task<string> call = client.DoAsync("x", caller.Token);
        await held.Started.OrFail();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
        await held.TokenFired.OrFail();
    }

    [Fact]
    public async Task A_missing_exchange_or_queue_fails_its_calls_alone()
    {
        await ServeAsync((text, _) => Task.FromResult(text), OwnServerOptions);
        RpcConnection connection = await ConnectAsync();
        ITroublemaker served = connection.CreateClient<ITroublemaker>(OwnClientOptions);
        ITroublemaker noExchange = connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = Queue, Exchange = Exchange + ".missing" });
        ITroublemaker noQueue = connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = Queue + ".missing", Exchange = Exchange });
        Task<string>[] others = [.. Enumerable.Range(0, 100).Select(i => served.DoAsync($"{i}", Cancel))];

        RpcUnavailableException[] failures =
        [
            await Assert.ThrowsAsync<RpcUnavailableException>(() => noExchange.DoAsync("x", Cancel).OrFail()),
            await Assert.ThrowsAsync<RpcUnavailableException>(() => noExchange.DoIdempotentlyAsync("x", Cancel).OrFail()),
            await Assert.ThrowsAsync<RpcUnavailableException>(() => noQueue.DoAsync("x", Cancel).OrFail()),
        ];

        Assert.All(failures, failure => Assert.Equal((RpcUnavailableReason.NoQueue, RpcExecution.NotStarted), (failure.Reason, failure.Execution)));
        Assert.Contains(Exchange + ".missing", failures[0].Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), await Task.WhenAll(others).OrFail());
        Assert.Equal("still", await served.DoAsync("still", Cancel).OrFail());
        Assert.Equal(0, Log.Count(1)); // no connection or channel was lost
    }
}

public sealed class OwnExchangeTestsInMemory(MemoryBroker broker) : OwnExchangeTests(broker), IClassFixture<MemoryBroker>;

public sealed class OwnExchangeTestsOnRabbitMq(SharedRabbit broker) : OwnExchangeTests(broker);
