using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RpcGen.Hosting;
using RpcGen.Tests.Support;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Hosting;

/// <summary>The health checks of brokers and services, against brokers in memory.</summary>
public sealed class HealthCheckTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_first_argument_is_the_brokers_key()
    {
        // It was the check's name once: the default broker was then checked under a keyed broker's name.
        string near = Application.NewAddress();
        string far = Application.NewAddress();
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddLogging().AddRpcGen(near);
            services.AddKeyedRpcGen("orders", far);
            services.AddHealthChecks().AddRpcGen("orders");
        });

        (string name, HealthReportEntry entry) = Assert.Single((await CheckAsync(services)).Entries);

        Assert.Equal("rpcgen-orders", name);
        Assert.Equal(far, entry.Data["broker"]);
    }

    [Fact]
    public void Checks_are_named_after_their_broker_and_contract()
    {
        var services = new ServiceCollection();
        services.AddHealthChecks()
            .AddRpcGen().AddRpcGen("far").AddRpcGen("far", "mine")
            .AddRpcGenService<IOrders>().AddRpcGenService<IOrders>("far").AddRpcGenService<IOrders>("far", "mine too");

        Assert.Equal(
            ["rpcgen", "rpcgen-far", "mine", "rpcgen-service-IOrders", "rpcgen-far-service-IOrders", "mine too"],
            Registrations(services).Select(registration => registration.Name));
    }

    [Fact]
    public void Status_tags_and_time_limit_are_passed_on()
    {
        var services = new ServiceCollection();
        services.AddHealthChecks()
            .AddRpcGen(failureStatus: HealthStatus.Degraded, tags: ["a"], timeout: TimeSpan.FromSeconds(3))
            .AddRpcGenService<IOrders>(failureStatus: HealthStatus.Degraded, tags: ["b"], timeout: TimeSpan.FromSeconds(3));
        HealthCheckRegistration[] registrations = Registrations(services);

        Assert.All(registrations, registration => Assert.Equal(HealthStatus.Degraded, registration.FailureStatus));
        Assert.Equal(["a", "b"], registrations.SelectMany(registration => registration.Tags));
        Assert.Equal([TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan], registrations.Select(registration => registration.Timeout));
    }

    [Fact]
    public void Arguments_are_checked()
    {
        IHealthChecksBuilder builder = new ServiceCollection().AddHealthChecks();

        Assert.Equal("serviceKey", Assert.Throws<ArgumentException>(() => builder.AddRpcGen(" ")).ParamName);
        Assert.Equal("serviceKey", Assert.Throws<ArgumentException>(() => builder.AddRpcGenService<IOrders>("")).ParamName);
        Assert.Equal("timeout", Assert.Throws<ArgumentOutOfRangeException>(() => builder.AddRpcGenService<IOrders>(timeout: TimeSpan.Zero)).ParamName);
        Assert.Equal("builder", Assert.Throws<ArgumentNullException>(() => ((IHealthChecksBuilder)null!).AddRpcGen()).ParamName);
        Assert.Equal("builder", Assert.Throws<ArgumentNullException>(() => ((IHealthChecksBuilder)null!).AddRpcGenService<IOrders>()).ParamName);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_broker_without_services_is_healthy_when_connected()
    {
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddLogging().AddRpcGen(Application.NewAddress());
            services.AddHealthChecks().AddRpcGen();
        });
        await services.GetRequiredService<RpcConnection>().WaitUntilOpenAsync(Cancel);

        HealthReportEntry entry = (await CheckAsync(services)).Entries["rpcgen"];

        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.EndsWith(" is connected.", entry.Description, StringComparison.Ordinal);
        Assert.Equal(["broker"], entry.Data.Keys);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Services_that_the_host_has_not_started_are_failures()
    {
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddLogging().AddRpcGen(Application.NewAddress()).AddService<IOrders, Orders>();
            services.AddHealthChecks().AddRpcGen(failureStatus: HealthStatus.Degraded);
        });
        await services.GetRequiredService<RpcConnection>().WaitUntilOpenAsync(Cancel);

        HealthReportEntry entry = (await CheckAsync(services)).Entries["rpcgen"];

        Assert.Equal((HealthStatus.Degraded, "The host has not started to serve."), (entry.Status, entry.Description));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_lost_broker_is_named_once_and_a_blocked_one_is_degraded()
    {
        string address = Application.NewAddress();
        using InMemoryBroker broker = InMemoryBrokers.Hold(address["memory://".Length..], TimeProvider.System);
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddLogging().AddRpcGen(address).AddService<IOrders>(new Orders());
            services.AddHealthChecks().AddRpcGen();
        });
        IHostedService hosted = Assert.Single(services.GetServices<IHostedService>().OfType<BrokerHostedService>());
        await hosted.StartAsync(Cancel);
        await services.GetRequiredService<RpcConnection>().WaitUntilOpenAsync(Cancel);
        HealthReportEntry healthy = await UntilAsync(services, HealthStatus.Healthy);
        Assert.Equal("served", healthy.Data["orders"]);

        broker.Block("low on memory");
        HealthReportEntry blocked = await UntilAsync(services, HealthStatus.Degraded);
        Assert.Equal($"{address} blocks publishers: low on memory.", blocked.Description);
        broker.Unblock();

        broker.Stop();
        HealthReportEntry lost = await UntilAsync(services, HealthStatus.Unhealthy, entry =>
            !Equals(entry.Data["orders"], "served") && entry.Description!.StartsWith($"There is no connection to {address}: ", StringComparison.Ordinal));
        Assert.DoesNotContain("..", lost.Description!, StringComparison.Ordinal);
        await hosted.StopAsync(Cancel);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_service_that_answers_is_healthy_and_one_without_queue_is_not()
    {
        string address = Application.NewAddress();
        await using RpcConnection serving = await RpcConnection.ConnectAsync(address, Cancel);
        await using RpcServer server = await serving.ServeAsync<IOrders>(new Orders(), cancellationToken: Cancel);
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddLogging().AddRpcGen(address).AddClient<IOrders>().AddClient<IStock>(options => options.Queue = "nobody");
            services.AddHealthChecks().AddRpcGenService<IOrders>().AddRpcGenService<IStock>(failureStatus: HealthStatus.Degraded);
        });

        HealthReport report = await CheckAsync(services);

        HealthReportEntry orders = report.Entries["rpcgen-service-IOrders"];
        Assert.Equal((HealthStatus.Healthy, "A server of queue 'orders' answered."), (orders.Status, orders.Description));
        Assert.True((TimeSpan)orders.Data["roundTrip"] > TimeSpan.Zero);
        Assert.Equal(Environment.ProcessId, ((RpcInstance)orders.Data["instance"]).ProcessId);
        HealthReportEntry stock = report.Entries["rpcgen-service-IStock"];
        Assert.Equal(HealthStatus.Degraded, stock.Status);
        Assert.Contains("'nobody'", stock.Description, StringComparison.Ordinal);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_queue_is_the_clients_or_the_services()
    {
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Application.NewAddress()).AddService<IOrders, Orders>(options => options.Queue = "served").AddService<IStock, Stock>();
            services.AddKeyedRpcGen("far", Application.NewAddress()).AddService<IOrders, Orders>(options => options.Queue = "served").AddClient<IOrders>(options => options.Queue = "called").AddClient<IStock>();
        });
        Broker near = Broker.Find(services, null);
        Broker far = Broker.Find(services, "far");

        Assert.Equal(["served", "stock", "called", "stock"], [near.FindQueue(typeof(IOrders)), near.FindQueue(typeof(IStock)), far.FindQueue(typeof(IOrders)), far.FindQueue(typeof(IStock))]);
        Assert.Equal(
            "ICloneable can't be checked: add a client of it to AddKeyedRpcGen(\"far\") with AddClient<ICloneable>.",
            Assert.Throws<InvalidOperationException>(() => far.FindQueue(typeof(ICloneable))).Message);
        Assert.Contains("AddKeyedRpcGen(\"none\")", Assert.Throws<InvalidOperationException>(() => Broker.Find(services, "none")).Message, StringComparison.Ordinal);
        Assert.EndsWith("with AddRpcGen.", Assert.Throws<InvalidOperationException>(() => Broker.Find(new ServiceCollection().BuildServiceProvider(), null)).Message, StringComparison.Ordinal);
    }

    private static HealthCheckRegistration[] Registrations(IServiceCollection services) =>
        [.. services.BuildServiceProvider().GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations];

    private static Task<HealthReport> CheckAsync(IServiceProvider services) => services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);

    private static async Task<HealthReportEntry> UntilAsync(IServiceProvider services, HealthStatus status, Func<HealthReportEntry, bool>? isExpected = null)
    {
        while (true)
        {
            HealthReportEntry entry = (await CheckAsync(services)).Entries["rpcgen"];
            if (entry.Status == status && isExpected?.Invoke(entry) != false)
            {
                return entry;
            }

            await Task.Delay(1, Cancel);
        }
    }
}
