using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>Health checks and their endpoint.</summary>
public abstract class HealthTests(IBreakableBroker broker) : BreakingTest(broker)
{
    [Fact]
    public async Task The_endpoint_follows_the_broker()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        AddTroublemaker(builder.Services, (text, _) => Task.FromResult(text));
        builder.Services.AddHealthChecks().AddRpcGen(tags: ["ready"]);
        await using WebApplication app = builder.Build();
        app.MapHealthChecks("/health");
        await app.StartAsync(Cancel).OrFail();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await GetHealthAsync(http));

        await Breakable.BlockAsync();
        ITroublemaker client = app.Services.GetRequiredService<RpcConnection>().CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromSeconds(1) });
        await Wait.UntilAsync(
            async () =>
            {
                // A broker tells a connection of its alarm when the connection publishes next. The alarm can arrive after one publish.
                await client.DoAsync("x", Cancel).ContinueWith(_ => { }, TaskScheduler.Default);
                return await GetHealthAsync(http) == (HttpStatusCode.OK, "Degraded");
            },
            "health is degraded");
        Assert.Equal(RpcConnectionState.Blocked, app.Services.GetRequiredService<RpcConnection>().State);
        await Breakable.UnblockAsync();
        await Wait.UntilAsync(async () => await GetHealthAsync(http) == (HttpStatusCode.OK, "Healthy"), "health is good again");

        await StopBrokerAsync();
        await Wait.UntilAsync(async () => await GetHealthAsync(http) == (HttpStatusCode.ServiceUnavailable, "Unhealthy"), "health is bad");
        await StartBrokerAsync();
        await Wait.UntilAsync(async () => await GetHealthAsync(http) == (HttpStatusCode.OK, "Healthy"), "health is good again");

        await app.StopAsync(Cancel).OrFail();
    }

    [Fact]
    public async Task Places_that_are_held_by_late_calls_degrade_it()
    {
        var release = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        IHost host = await StartHostAsync(services =>
        {
            AddTroublemaker(services, (_, _) => release.Task); // ignores its token
            services.AddHealthChecks().AddRpcGen();
        });
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();
        ITroublemaker client = host.Services.GetRequiredService<RpcConnection>().CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(Cancel)).Status);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => client.DoAsync("x", Cancel).ContinueWith(_ => { }, TaskScheduler.Default))).OrFail();

        await Wait.UntilAsync(async () => (await health.CheckHealthAsync(Cancel)).Status == HealthStatus.Degraded, "health is degraded");
        Assert.Contains("of 64 places are held by calls past their deadline", (await health.CheckHealthAsync(Cancel)).Entries.Single().Value.Description, StringComparison.Ordinal);
        release.SetResult("late");
        await Wait.UntilAsync(async () => (await health.CheckHealthAsync(Cancel)).Status == HealthStatus.Healthy, "health is good again");
    }

    [Fact]
    public async Task The_description_names_the_problem()
    {
        await StopBrokerAsync();
        IHost host = await StartHostAsync(services =>
        {
            AddTroublemaker(services, (text, _) => Task.FromResult(text));
            services.AddHealthChecks().AddRpcGen(failureStatus: HealthStatus.Degraded);
        });

        HealthReportEntry entry = (await CheckAsync(host)).Entries["rpcgen"];

        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("There is no connection to", entry.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("..", entry.Description, StringComparison.Ordinal);
        Assert.NotEqual("served", entry.Data[Queue]);
        await StartBrokerAsync();
        await Wait.UntilAsync(async () => (await CheckAsync(host)).Status == HealthStatus.Healthy, "health is good");
        Assert.Equal("served", (await CheckAsync(host)).Entries["rpcgen"].Data[Queue]);
    }

    [Fact]
    public async Task A_service_that_is_not_served_is_named()
    {
        IHost host = await StartHostAsync(
            services =>
            {
                AddTroublemaker(services, (text, _) => Task.FromResult(text));
                services.AddHealthChecks().AddRpcGen();
            },
            ("RpcGen:UseExistingQueue", "true"), ("RpcGen:StartTimeout", "00:00:01"));

        HealthReportEntry entry = (await CheckAsync(host)).Entries["rpcgen"];

        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains($"ITroublemaker is not served on queue '{Queue}'", entry.Description, StringComparison.Ordinal);
        Assert.Contains("does not exist", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_check_tells_whether_a_server_answers()
    {
        IHost client = await StartHostAsync(services =>
        {
            AddClient(services);
            services.AddHealthChecks().AddRpcGenService<ITroublemaker>(tags: ["dependency"]).AddRpcGenService<ICalculator>(name: "none");
        });
        HealthReportEntry none = (await CheckDependencyAsync()).Value;
        Assert.Equal(HealthStatus.Unhealthy, none.Status);
        Assert.Contains($"no queue '{Queue}'", none.Description, StringComparison.Ordinal);

        IHost server = await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)));
        (string name, HealthReportEntry some) = await CheckDependencyAsync();
        Assert.Equal("rpcgen-service-ITroublemaker", name);
        Assert.Equal(HealthStatus.Healthy, some.Status);
        Assert.True((TimeSpan)some.Data["roundTrip"] > TimeSpan.Zero);

        await server.StopAsync(Cancel).OrFail();
        HealthReportEntry stopped = (await CheckDependencyAsync()).Value;
        Assert.Equal($"No server of queue '{Queue}' answered within 5 s.", stopped.Description);

        HealthReport report = await client.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "none", Cancel);
        Assert.Contains("AddClient<ICalculator>", report.Entries["none"].Exception!.Message, StringComparison.Ordinal);

        async Task<KeyValuePair<string, HealthReportEntry>> CheckDependencyAsync() =>
            (await client.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("dependency"), Cancel)).Entries.Single();
    }

    [Fact]
    public async Task Hosts_that_are_not_running_are_unhealthy()
    {
        IHost host = CreateHost(services =>
        {
            AddTroublemaker(services, (text, _) => Task.FromResult(text));
            services.AddHealthChecks().AddRpcGen();
        });
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
        await host.StartAsync(Cancel).OrFail();
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host)).Status);
        await host.StopAsync(Cancel).OrFail();
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
    }

    [Fact]
    public async Task Each_broker_has_its_own_check()
    {
        using var other = new MemoryBroker();
        await other.StopAsync();
        IHost host = await StartHostAsync(services =>
        {
            services.AddRpcGen(Broker.Url);
            services.AddKeyedRpcGen("orders", other.Url);
            services.AddHealthChecks().AddRpcGen().AddRpcGen("orders").AddRpcGen("missing");
        });
        HealthCheckService checks = host.Services.GetRequiredService<HealthCheckService>();
        await Wait.UntilAsync(async () => (await checks.CheckHealthAsync(check => check.Name == "rpcgen", Cancel)).Status == HealthStatus.Healthy, "the default broker is connected");

        HealthReport report = await checks.CheckHealthAsync(check => check.Name != "rpcgen-missing", Cancel);

        Assert.Equal(HealthStatus.Healthy, report.Entries["rpcgen"].Status);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["rpcgen-orders"].Status);
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => checks.CheckHealthAsync(Cancel));
        Assert.Contains("AddKeyedRpcGen(\"missing\")", e.Message, StringComparison.Ordinal);
    }

    private static Task<HealthReport> CheckAsync(IHost host) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);

    private static async Task<(HttpStatusCode Code, string Text)> GetHealthAsync(HttpClient http)
    {
        using HttpResponseMessage response = await http.GetAsync(new Uri("/health", UriKind.Relative), Cancel).OrFail();
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }
}

public sealed class HealthTestsInMemory(MemoryBroker broker) : HealthTests(broker), IClassFixture<MemoryBroker>;

public sealed class HealthTestsOnRabbitMq(PrivateRabbit broker) : HealthTests(broker), IClassFixture<PrivateRabbit>;
