using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>The base of hosting tests. Hosts are stopped and disposed after each test, the latest first.</summary>
public abstract class HostingTest(ITestBroker broker) : EndToEndTest(broker)
{
    private readonly Stack<IHost> _hosts = new();

    /// <summary>A host, not started.</summary>
    protected IHost CreateHost(Action<IServiceCollection> configure, params (string Key, string? Value)[] settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "tests" });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Services.AddSingleton<ILoggerFactory>(Log);
        configure(builder.Services);
        IHost host = builder.Build();
        _hosts.Push(host);
        return host;
    }

    protected async Task<IHost> StartHostAsync(Action<IServiceCollection> configure, params (string Key, string? Value)[] settings)
    {
        IHost host = CreateHost(configure, settings);
        await host.StartAsync(Cancel).OrFail();
        return host;
    }

    protected static ITroublemaker Client(IHost host) => host.Services.GetRequiredService<ITroublemaker>();

    /// <summary>Serves the test's queue with the given behaviour.</summary>
    protected void AddTroublemaker(IServiceCollection services, Func<string, CancellationToken, Task<string>> act, TimeSpan? gracePeriod = null) => services
        .AddSingleton(new Troublemaker(act))
        .AddRpcGen(Broker.Url)
        .AddService<ITroublemaker, Troublemaker>(options =>
            {
                options.Queue = Queue;
                options.GracePeriod = gracePeriod ?? options.GracePeriod;
            },
            ServiceLifetime.Singleton);

    protected void AddClient(IServiceCollection services) => services
        .AddRpcGen(Broker.Url)
        .AddClient<ITroublemaker>(options => options.Queue = Queue);

    protected override async Task CleanUpAsync()
    {
        while (_hosts.TryPop(out IHost? host))
        {
            await host.StopAsync(CancellationToken.None);
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        await base.CleanUpAsync();
    }
}
