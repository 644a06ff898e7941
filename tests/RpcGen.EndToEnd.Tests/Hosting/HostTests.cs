using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>Registered clients and services work once the host has started.</summary>
public abstract class HostTests(ITestBroker broker) : HostingTest(broker)
{
    [Fact]
    public async Task A_generic_host_serves_and_calls()
    {
        IHost host = await StartHostAsync(
            services => services.AddRpcGen("rabbitmq").AddClient<ICalculator>().AddService<ICalculator, Calculator>(),
            ("ConnectionStrings:rabbitmq", Broker.Url), ("RpcGen:Services:ICalculator:Queue", Queue), ("RpcGen:Clients:ICalculator:Queue", Queue));

        Assert.Equal(5, await host.Services.GetRequiredService<ICalculator>().AddAsync(2, 3, Cancel).OrFail());
        Assert.Same(host.Services.GetRequiredService<ICalculator>(), host.Services.GetRequiredService<ICalculator>());
        Assert.Equal(1, (await QueueStateAsync()).Consumers);
    }

    [Fact]
    public async Task A_web_application_calls_a_worker()
    {
        await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult($"{text} done")));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        AddClient(builder.Services);
        await using WebApplication app = builder.Build();
        app.MapGet("/{text}", Handle);
        await app.StartAsync(Cancel).OrFail();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        Assert.Equal("work done", await http.GetStringAsync(new Uri("work", UriKind.Relative), Cancel).OrFail());
        await app.StopAsync(Cancel).OrFail();

        static async Task<string> Handle(string text, ITroublemaker client, CancellationToken cancelled) => await client.DoAsync(text, cancelled);
    }

    [Fact]
    public async Task Named_brokers_have_keyed_clients()
    {
        using var other = new MemoryBroker();
        IHost host = await StartHostAsync(
            services =>
            {
                services.AddSingleton(new Troublemaker((text, _) => Task.FromResult($"default {text}")));
                services.AddSingleton(new Calculator());
                services.AddRpcGen(Broker.Url)
                    .AddService<ITroublemaker, Troublemaker>(options => options.Queue = Queue, ServiceLifetime.Singleton)
                    .AddClient<ITroublemaker>(options => options.Queue = Queue);
                services.AddKeyedRpcGen("orders") // its name is also the name of its connection string
                    .AddService<ICalculator, Calculator>(lifetime: ServiceLifetime.Singleton)
                    .AddClient<ICalculator>();
                services.AddKeyedRpcGen("more", other.Url).AddClient<ICalculator>();
                services.AddKeyedRpcGen("by code", options => options.ConnectionString = other.Url).AddClient<ICalculator>(options => options.Queue = "calc");
            },
            ("ConnectionStrings:orders", other.Url), ("RpcGen:Brokers:orders:Services:ICalculator:Queue", "calc"), ("RpcGen:Brokers:orders:Clients:ICalculator:Queue", "calc"), ("RpcGen:Brokers:more:Clients:ICalculator:Queue", "calc"));

        Assert.Equal("default x", await Client(host).DoAsync("x", Cancel).OrFail());
        Assert.Equal(3, await host.Services.GetRequiredKeyedService<ICalculator>("orders").AddAsync(1, 2, Cancel).OrFail());
        Assert.Equal(7, await host.Services.GetRequiredKeyedService<ICalculator>("more").AddAsync(3, 4, Cancel).OrFail());
        Assert.Equal(9, await host.Services.GetRequiredKeyedService<ICalculator>("by code").AddAsync(4, 5, Cancel).OrFail());
        Assert.Null(host.Services.GetService<ICalculator>());
        Assert.NotSame(host.Services.GetRequiredService<RpcConnection>(), host.Services.GetRequiredKeyedService<RpcConnection>("orders"));
    }

    [Fact]
    public async Task The_connection_can_be_injected()
    {
        await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)));
        IHost host = CreateHost(services => services.AddRpcGen(Broker.Url)); // never started

        RpcConnection connection = host.Services.GetRequiredService<RpcConnection>();

        Assert.Equal("x", await connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("x", Cancel).OrFail());
    }

    [Fact]
    public async Task A_container_without_a_host_can_be_disposed_synchronously()
    {
        await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult(text)));
        var services = new ServiceCollection();
        AddClient(services);
        ServiceProvider provider = services.BuildServiceProvider(validateScopes: true);
        ITroublemaker client = provider.GetRequiredService<ITroublemaker>();
        Assert.Equal("x", await client.DoAsync("x", Cancel).OrFail());

        provider.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.DoAsync("y", Cancel).OrFail());
    }

    [Fact]
    public async Task Several_modules_can_add_the_same_broker()
    {
        IHost host = await StartHostAsync(services =>
        {
            services.AddRpcGen(Broker.Url, options => options.MaxConcurrentCalls = 3).AddClient<ITroublemaker>(options => options.Queue = Queue);
            services.AddRpcGen(Broker.Url).AddClient<ITroublemaker>(options => options.Timeout = TimeSpan.FromMinutes(1));
            AddTroublemaker(services, (text, _) => Task.FromResult(text));
            AddTroublemaker(services, (text, _) => Task.FromResult(text));
        });

        Assert.Equal("x", await Client(host).DoAsync("x", Cancel).OrFail());
        Assert.Single(host.Services.GetServices<ITroublemaker>());
        Assert.Equal(1, (await QueueStateAsync()).Consumers);
    }
}

public sealed class HostTestsInMemory(MemoryBroker broker) : HostTests(broker), IClassFixture<MemoryBroker>;

public sealed class HostTestsOnRabbitMq(SharedRabbit broker) : HostTests(broker);
