using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Hosting;
using RpcGen.Tests.Support;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Hosting;

/// <summary>Starting and stopping with the host, against a broker in memory and a simulated clock.</summary>
public sealed class BrokerStartTests : IDisposable
{
    private readonly string _address = Application.NewAddress();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _log = new();
    private readonly InMemoryBroker _broker;

    public BrokerStartTests() => _broker = InMemoryBrokers.Hold(_address["memory://".Length..], _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _broker.Dispose();

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Starting_waits_until_services_are_served()
    {
        await using ServiceProvider services = Build(builder => builder.AddService<IOrders, Orders>().AddClient<IOrders>());
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;

        await hosted.StartAsync(Cancel);

        HostedServer server = Assert.Single(hosted.Servers);
        Assert.Equal(("IOrders", "orders", null), (server.Name, server.Queue, server.NotServedReason));
        Assert.Equal("order 7", await services.GetRequiredService<IOrders>().GetAsync("7", Cancel));
        Assert.DoesNotContain(90, _log.Ids);
        await hosted.StopAsync(Cancel);
        await UntilAsync(() => _broker.Queues.Single(queue => queue.Name == "orders").Consumers == 0);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Without_broker_the_host_starts_at_the_first_failure_and_goes_on_in_the_background()
    {
        _broker.Stop();
        await using ServiceProvider services = Build(builder => builder.AddService<IOrders, Orders>());
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;

        await hosted.StartAsync(Cancel);

        Assert.Contains(90, _log.Ids);
        Assert.NotNull(hosted.Servers[0].NotServedReason);
        _broker.Start();
        await AdvanceUntilAsync(() => hosted.Servers[0].NotServedReason is null);
        await hosted.StopAsync(Cancel);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_required_broker_that_is_not_ready_in_time_fails_the_start()
    {
        _broker.Stop();
        await using ServiceProvider services = Build(_ => { }, options =>
        {
            options.RequireBroker = true;
            options.StartTimeout = TimeSpan.FromSeconds(2.5);
        });

        Task starting = services.GetRequiredService<Broker>().Hosted.StartAsync(Cancel);
        await AdvanceUntilAsync(() => starting.IsCompleted);

        var e = await Assert.ThrowsAsync<RpcConnectionException>(() => starting);
        Assert.StartsWith($"The host does not start, because {_address} was not ready within 2.5 s (StartTimeout): ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("or set RequireBroker of AddRpcGen to false to start without it.", e.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_required_broker_that_refuses_a_service_fails_the_start()
    {
        await using ServiceProvider services = Build(
            builder => builder.AddService<IOrders, Orders>(options => options.UseExistingQueue = true).AddService<IStock, Stock>(),
            options => options.RequireBroker = true);
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;

        await Assert.ThrowsAsync<RpcUnavailableException>(() => hosted.StartAsync(Cancel));

        Assert.DoesNotContain(91, _log.Ids);
        await UntilAsync(() => !_broker.Queues.Any(queue => queue.Name == "stock" && queue.Consumers > 0)); // the other service was stopped
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_refused_service_is_tried_again_with_growing_pauses()
    {
        await using ServiceProvider services = Build(builder => builder.AddService<IOrders, Orders>(options => options.UseExistingQueue = true));
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;
        Task starting = hosted.StartAsync(Cancel);
        await UntilAsync(() => _log.Count(91) == 1);
        Assert.False(starting.IsCompleted); // it waits for StartTimeout
        Assert.Contains("does not exist", hosted.Servers[0].NotServedReason, StringComparison.Ordinal);
        Assert.DoesNotContain("..", hosted.Servers[0].NotServedReason + ".", StringComparison.Ordinal);

        for (int attempts = 2; attempts < 9; attempts++)
        {
            await AdvanceUntilAsync(() => _log.Count(91) >= attempts);
        }

        await starting;
        Assert.Contains(90, _log.Ids);
        Assert.Equal(["1", "2", "4", "8", "16", "30", "30", "30"], _log.Values(91, "Seconds").Take(8));
        await hosted.StopAsync(Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hosted.Servers[0].Serving);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Errors_of_the_program_fail_the_start_without_any_broker()
    {
        await using ServiceProvider services = Build(builder => builder.AddService<IOrders, Impossible>(lifetime: ServiceLifetime.Singleton));

        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => services.GetRequiredService<Broker>().Hosted.StartAsync(Cancel));

        Assert.Contains(nameof(Impossible), e.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_client_that_cannot_be_created_fails_the_start()
    {
        await using ServiceProvider services = Build(builder => builder.AddClient<IOrders>().AddInterceptor(_ => throw new NotSupportedException("no such interceptor")));

        await Assert.ThrowsAsync<NotSupportedException>(() => services.GetRequiredService<Broker>().Hosted.StartAsync(Cancel));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_start_that_is_cancelled_leaves_nothing_served()
    {
        _broker.Stop();
        await using ServiceProvider services = Build(builder => builder.AddService<IOrders, Orders>(), options => options.RequireBroker = true);
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;
        using var cancelled = new CancellationTokenSource();
        Task starting = hosted.StartAsync(cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hosted.Servers[0].Serving);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Settings_of_the_broker_reach_the_connection()
    {
        await using ServiceProvider services = Build(
            builder => builder.AddService<IOrders, UserOrders>().AddClient<IOrders>(),
            options =>
            {
                options.ConnectionName = "my application";
                options.SendBrokerUser = true;
                options.MaxMessageBytes = 1024;
            },
            ("RpcGen:Misspelt", "1"));
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;
        await hosted.StartAsync(Cancel);
        IOrders orders = services.GetRequiredService<IOrders>();

        Assert.Equal("guest", await orders.GetAsync("user", Cancel));
        Assert.Equal("too-large", (await Assert.ThrowsAnyAsync<RpcException>(() => orders.GetAsync(new string('x', 2000), Cancel))) is RpcProtocolException ? "too-large" : "");
        Assert.Contains(92, _log.Ids);
        Assert.NotEmpty(_broker.Connections);
        await hosted.StopAsync(Cancel);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Each_call_has_a_scope_that_is_disposed()
    {
        var disposals = new List<string>();
        await using ServiceProvider services = Build(
            builder =>
            {
                builder.Services.AddSingleton(disposals);
                builder.AddService<IOrders, ScopedOrders>().AddClient<IOrders>();
            });
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;
        await hosted.StartAsync(Cancel);
        IOrders orders = services.GetRequiredService<IOrders>();

        string first = await orders.GetAsync("", Cancel);
        string second = await orders.GetAsync("throw", Cancel);

        Assert.NotEqual(first, second);
        await UntilAsync(() => disposals.Count == 2);
        Assert.Equal([first, second], disposals);
        Assert.Equal(1, _log.Count(93));
        await hosted.StopAsync(Cancel);
    }

    private ServiceProvider Build(Action<RpcGenBuilder> add, Action<RpcGenOptions>? configure = null, params (string, string?)[] settings) => Application.Build(
        services =>
        {
            services.AddSingleton<TimeProvider>(_time).AddSingleton<ILoggerFactory>(_log);
            add(services.AddRpcGen(_address, configure));
        },
        settings);

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1, Cancel);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, Cancel);
        }
    }

#pragma warning disable CS9113 // it cannot be created
    private sealed class Impossible(ICloneable missing) : IOrders
#pragma warning restore CS9113
    {
        public Task<string> GetAsync(string id, CancellationToken cancellationToken) => Task.FromResult(id);
    }

    private sealed class UserOrders : IOrders
    {
        public Task<string> GetAsync(string id, CancellationToken cancellationToken) => Task.FromResult(RpcCallContext.Current!.BrokerUser ?? "nobody");
    }

    private sealed class ScopedOrders(List<string> disposals) : IOrders, IDisposable
    {
        private readonly string _name = Guid.NewGuid().ToString();
        private bool _throws;

        public Task<string> GetAsync(string id, CancellationToken cancellationToken)
        {
            _throws = id == "throw";
            return Task.FromResult(_name);
        }

        public void Dispose()
        {
            disposals.Add(_name);
            if (_throws)
            {
                throw new NotSupportedException("the disposal failed");
            }
        }
    }
}
