using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RpcGen.Hosting;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Hosting;

/// <summary>What builders register, and what they refuse.</summary>
public sealed class BuilderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_chain_leads_on_from_a_client()
    {
        var services = new ServiceCollection();

        RpcClientBuilder client = services.AddKeyedRpcGen("far", Application.NewAddress()).AddClient<IOrders>();
        RpcGenBuilder after = client.AddService<IStock, Stock>();

        Assert.Equal((typeof(IOrders), "far"), (client.Contract, client.ServiceKey));
        Assert.Same(services, after.Services);
        Assert.Same(client, client.AddInterceptor(_ => new Recorder([], "")));
        Assert.Same(client, client.AddInterceptor<Plain>());
        Assert.Null(services.AddRpcGen().ServiceKey);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Interceptors_of_one_client_run_inside_the_brokers_and_see_no_other_client()
    {
        var log = new List<string>();
        string address = Application.NewAddress();
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddSingleton(log);
            services.AddRpcGen(address)
                .AddClient<IOrders>(options => options.Interceptors.Add(new Recorder(log, "options")))
                .AddInterceptor<Plain>()
                .AddInterceptor(provider => new Recorder(provider.GetRequiredService<List<string>>(), "factory"))
                .AddClientInterceptor<OfBroker>()
                .AddClient<IStock>()
                .AddService<IOrders, Orders>().AddService<IStock, Stock>();
        });
        IHostedService hosted = services.GetServices<IHostedService>().Single();
        await hosted.StartAsync(Cancel);

        await services.GetRequiredService<IOrders>().GetAsync("1", Cancel);
        Assert.Equal(["broker", "options", "plain", "factory"], log);
        log.Clear();
        await services.GetRequiredService<IStock>().CountAsync("nut", Cancel);
        Assert.Equal(["broker"], log);
        await hosted.StopAsync(Cancel);
    }

    [Fact]
    public void A_factory_is_called_once_and_must_not_return_null()
    {
        int made = 0;
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Application.NewAddress())
                .AddClient<IOrders>().AddInterceptor(_ =>
                {
                    made++;
                    return new Recorder([], "");
                })
                .AddClient<IStock>().AddInterceptor(_ => null!);
        });
        Broker broker = services.GetRequiredService<Broker>();

        broker.Registration.Clients[0].Check(broker);
        Assert.Same(services.GetRequiredService<IOrders>(), services.GetRequiredService<IOrders>());

        Assert.Equal(1, made);
        Assert.Equal("Interceptors", Assert.Throws<ArgumentException>(services.GetRequiredService<IStock>).ParamName);
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddRpcGen().AddClient<IOrders>().AddInterceptor(null!));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task An_object_serves_and_is_not_disposed_by_the_host()
    {
        var orders = new DisposableOrders();
        ServiceProvider services = Application.Build(services => services.AddRpcGen(Application.NewAddress()).AddClient<IOrders>().AddService<IOrders>(orders, options => options.MaxConcurrentCalls = 1));
        IHostedService hosted = services.GetServices<IHostedService>().Single();
        await hosted.StartAsync(Cancel);

        Assert.Equal("mine 1", await services.GetRequiredService<IOrders>().GetAsync("1", Cancel));

        await hosted.StopAsync(Cancel);
        await services.DisposeAsync();
        Assert.False(orders.IsDisposed);
    }

    [Fact]
    public void A_contract_is_served_once()
    {
        var orders = new Orders();
        RpcGenBuilder builder = new ServiceCollection().AddRpcGen(Application.NewAddress());
        builder.AddService<IOrders>(orders).AddService<IOrders>(orders, options => options.Queue = "q").AddService<IStock, Stock>().AddService<IStock, Stock>();

        Assert.Contains("IOrders is served by an object of Orders already and can't also be served by an object of OtherOrders", Refusal(() => builder.AddService<IOrders>(new OtherOrders())), StringComparison.Ordinal);
        Assert.Contains("by an object of Orders already", Refusal(() => builder.AddService<IOrders>(new Orders())), StringComparison.Ordinal);
        Assert.Contains("by an object of Orders already and can't also be served by Orders (Singleton)", Refusal(() => builder.AddService<IOrders, Orders>(lifetime: ServiceLifetime.Singleton)), StringComparison.Ordinal);
        Assert.Contains("IStock is served by Stock (Scoped) already and can't also be served by an object of Stock", Refusal(() => builder.AddService<IStock>(new Stock())), StringComparison.Ordinal);
        Assert.Contains("by Stock (Scoped) already and can't also be served by Stock (Transient)", Refusal(() => builder.AddService<IStock, Stock>(lifetime: ServiceLifetime.Transient)), StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => builder.AddService<IOrders>(null!));
        Assert.Equal(2, Registration(builder).Services.Count);
    }

    [Fact]
    public void Implementations_are_added_unless_they_are_there()
    {
        var services = new ServiceCollection();
        services.AddTransient<Stock>();
        services.AddRpcGen(Application.NewAddress()).AddService<IOrders, Orders>().AddService<IStock, Stock>();

        Assert.Equal(ServiceLifetime.Scoped, services.Single(service => service.ServiceType == typeof(Orders)).Lifetime);
        Assert.Equal(ServiceLifetime.Transient, services.Single(service => service.ServiceType == typeof(Stock)).Lifetime);
        Assert.Contains("must serve as a singleton, but was added to the services as Transient", Refusal(() => services.AddKeyedRpcGen("k").AddService<IStock, Stock>(lifetime: ServiceLifetime.Singleton)), StringComparison.Ordinal);
        Assert.Contains("IStock can't serve", Refusal(() => services.AddKeyedRpcGen("l").AddService<IStock, IStock>()), StringComparison.Ordinal);
        Assert.Empty(Registration(services.AddKeyedRpcGen("l")).Services);
        Assert.Empty(Registration(services.AddKeyedRpcGen("k")).Services);
        services.AddSingleton<OtherOrders>();
        services.AddKeyedRpcGen("m").AddService<IOrders, OtherOrders>(lifetime: ServiceLifetime.Singleton).AddService<IStock, Stock>();
    }

    [Fact]
    public void Interceptors_are_added_as_singletons_unless_they_are_there()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Plain([]));
        services.AddKeyedScoped<OfBroker>("a key of its own");
        services.AddRpcGen(Application.NewAddress()).AddClientInterceptor<Plain>().AddServerInterceptor<OfBroker>();

        Assert.Single(services, service => service.ServiceType == typeof(Plain));
        Assert.Equal(ServiceLifetime.Singleton, services.Single(service => service.ServiceType == typeof(OfBroker) && !service.IsKeyedService).Lifetime);
        var scoped = new ServiceCollection();
        scoped.AddScoped<Plain>();
        RpcGenBuilder builder = scoped.AddRpcGen(Application.NewAddress());
        Assert.Contains("Plain was added to the services as Scoped", Refusal(() => builder.AddClientInterceptor<Plain>()), StringComparison.Ordinal);
        Assert.Contains("Plain was added to the services as Scoped", Refusal(() => builder.AddServerInterceptor<Plain>()), StringComparison.Ordinal);
        Assert.Contains("Plain was added to the services as Scoped", Refusal(() => builder.AddClient<IOrders>().AddInterceptor<Plain>()), StringComparison.Ordinal);
        Assert.Equal((0, 0), (Registration(builder).ClientInterceptors.Count, Registration(builder).ServerInterceptors.Count));
    }

    private static BrokerRegistration Registration(RpcGenBuilder builder) => builder.Services
        .Where(service => service.ServiceType == typeof(BrokerRegistration))
        .Select(service => (BrokerRegistration)(service.IsKeyedService ? service.KeyedImplementationInstance! : service.ImplementationInstance!))
        .Single(registration => registration.Key == builder.ServiceKey);

    private static string Refusal(Action add) => Assert.Throws<InvalidOperationException>(add).Message;

    private sealed class DisposableOrders : IOrders, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public Task<string> GetAsync(string id, CancellationToken cancellationToken) => Task.FromResult($"mine {id}");

        public void Dispose() => IsDisposed = true;
    }

    private class Plain(List<string> log) : IRpcClientInterceptor, IRpcServerInterceptor
    {
        protected virtual string Name => "plain";

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            log.Add(Name);
            return next(call);
        }

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct => next(call);
    }

    private sealed class OfBroker(List<string> log) : Plain(log)
    {
        protected override string Name => "broker";
    }
}
