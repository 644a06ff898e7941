using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>Hosts start with and without a broker.</summary>
public abstract class StartTests(IBreakableBroker broker) : BreakingTest(broker)
{
    [Fact]
    public async Task A_host_starts_without_its_broker_and_serves_once_it_is_there()
    {
        await StopBrokerAsync();
        IHost client = await StartHostAsync(AddClient);
        await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)));
        Assert.Equal(2, Log.Count(90));
        Assert.Contains(Log.Lines, line => line.StartsWith("[3] The connection for calls to", StringComparison.Ordinal) && line.Contains("could not be opened: No ", StringComparison.Ordinal));
        Assert.DoesNotContain(Log.Lines, line => line.StartsWith("[3]", StringComparison.Ordinal) && line.Contains("Exception", StringComparison.Ordinal)); // no stack trace for each attempt

        RpcTimeoutException e = await Assert.ThrowsAsync<RpcTimeoutException>(() => Client(client).With(timeout: TimeSpan.FromSeconds(1)).DoAsync("early", Cancel).OrFail());
        Assert.Contains("There is no connection: No ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", e.Message, StringComparison.Ordinal);
        Task<string> waiting = Client(client).DoIdempotentlyAsync("waiting", Cancel);
        await StartBrokerAsync();

        await Wait.UntilAsync(async () => await Broker.FindQueueAsync(Queue) is { Consumers: 1 }, "the service is served");
        Assert.Equal("late", await Client(client).DoAsync("late", Cancel).OrFail());
        Exception? outcome = await Record.ExceptionAsync(() => waiting.OrFail());
        Assert.True(outcome is null or RpcUnavailableException, $"{outcome}"); // the call can be sent before the queue is declared
    }

    [Fact]
    public async Task Clients_and_connection_can_be_injected_before_the_broker_is_reachable()
    {
        await StopBrokerAsync();
        IHost host = CreateHost(AddClient);
        Assert.NotNull(Client(host));
        Assert.NotNull(host.Services.GetRequiredService<RpcConnection>());
        await StartBrokerAsync();

        await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)));

        Assert.Equal("x", await Client(host).DoAsync("x", Cancel).OrFail());
    }

    [Fact]
    public async Task A_host_that_requires_its_broker_waits_for_it()
    {
        await StopBrokerAsync();
        IHost host = CreateHost(
            services => AddTroublemaker(services, (text, _) => Task.FromResult(text)),
            ("RpcGen:RequireBroker", "true"), ("RpcGen:StartTimeout", "00:01:00"));
        Task starting = host.StartAsync(Cancel);
        await Wait.UntilAsync(() => Log.Count(3) > 0, "an attempt has failed");
        Assert.False(starting.IsCompleted);

        await StartBrokerAsync();

        await starting.OrFail();
        Assert.Equal(1, (await QueueStateAsync()).Consumers);
    }

    [Fact]
    public async Task A_host_that_requires_its_broker_does_not_start_without_it()
    {
        await StopBrokerAsync();
        IHost host = CreateHost(
            services => AddTroublemaker(services, (text, _) => Task.FromResult(text)),
            ("RpcGen:RequireBroker", "true"), ("RpcGen:StartTimeout", "00:00:01"));

        RpcConnectionException e = await Assert.ThrowsAsync<RpcConnectionException>(() => host.StartAsync(Cancel).OrFail());

        Assert.Contains("was not ready within 1 s (StartTimeout): No ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_can_be_cancelled()
    {
        await Breakable.PauseAsync();
        IHost host = CreateHost(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)), ("RpcGen:StartTimeout", "infinite"));
        using var giveUp = new CancellationTokenSource();
        Task starting = host.StartAsync(giveUp.Token);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.OrFail());
        await Breakable.ResumeAsync();
    }

    [Fact]
    public async Task A_host_can_be_stopped_while_its_broker_is_away()
    {
        await StopBrokerAsync();
        IHost host = await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)));

        await host.StopAsync(Cancel).OrFail();
        await ((IAsyncDisposable)host).DisposeAsync().AsTask().OrFail();
    }

    [Fact]
    public async Task A_refusal_by_the_broker_is_reported_and_retried()
    {
        IHost host = CreateHost(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)), ("RpcGen:UseExistingQueue", "true"), ("RpcGen:StartTimeout", "00:00:02"));
        await host.StartAsync(Cancel).OrFail();
        Assert.Contains(Log.Lines, line => line.StartsWith("[91] ITroublemaker cannot be served: Queue '", StringComparison.Ordinal) && line.Contains(Queue, StringComparison.Ordinal) && !line.Contains("Exception", StringComparison.Ordinal));

        await using (RpcConnection operators = await RpcConnection.ConnectAsync(Broker.Url, Cancel))
        {
            await (await operators.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel)).StopAsync(Cancel);
        }

        await Wait.UntilAsync(async () => (await QueueStateAsync()).Consumers == 1, "the service is served");
    }

    [Fact]
    public async Task A_refusal_by_the_broker_fails_the_start_with_RequireBroker()
    {
        IHost host = CreateHost(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)), ("RpcGen:UseExistingQueue", "true"), ("RpcGen:RequireBroker", "true"));

        RpcUnavailableException e = await Assert.ThrowsAsync<RpcUnavailableException>(() => host.StartAsync(Cancel).OrFail());

        Assert.Equal(Queue, e.Queue);
    }
}

public sealed class StartTestsInMemory(MemoryBroker broker) : StartTests(broker), IClassFixture<MemoryBroker>
{
    /// <summary>Happens while a broker starts. It is not a refusal.</summary>
    [Fact]
    public async Task A_connection_that_is_lost_before_serving_does_not_fail_the_start()
    {
        bool wasOpen = false;
        Log.Wrote = (id, text) =>
        {
            if (id == 6 && !wasOpen && text.StartsWith("The connection for serving", StringComparison.Ordinal))
            {
                wasOpen = true;
                _ = Breakable.CloseConnectionsAsync(); // in memory, connections are closed when this returns
            }
        };

        await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)), ("RpcGen:RequireBroker", "true"), ("RpcGen:StartTimeout", "00:01:00"));

        Assert.True(wasOpen);
        Assert.Equal(1, (await QueueStateAsync()).Consumers);
    }
}

public sealed class StartTestsOnRabbitMq(PrivateRabbit broker) : StartTests(broker), IClassFixture<PrivateRabbit>;
