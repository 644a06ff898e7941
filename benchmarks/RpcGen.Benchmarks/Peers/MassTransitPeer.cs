using MassTransit;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers;

/// <summary>MassTransit 8.5's request client, tuned: no publisher confirms, transient queues, sent straight to the queue, a wide prefetch.</summary>
internal sealed class MassTransitPeer : IPeer
{
    private const int Concurrency = 256;

    public string Name => "masstransit";

    public string Description => "MassTransit 8.5 request client, tuned (no confirms, transient, prefetch 256); acknowledges after the reply";

    public async Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        IBusControl bus = CreateBus(site, configurator =>
        {
            Endpoint(configurator, site.Name + ".add", endpoint => endpoint.Handler<AddRequest>(context => context.RespondAsync(new AddReply(context.Message.A + context.Message.B))));
            Endpoint(configurator, site.Name + ".echo", endpoint => endpoint.Handler<EchoRequest>(context => context.RespondAsync(new EchoReply(context.Message.Document))));
        });
        await bus.StartAsync();
        return new Stopping(bus);
    }

    public async Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        IBusControl bus = CreateBus(site, _ => { });
        await bus.StartAsync();
        return new Client(
            bus,
            bus.CreateRequestClient<AddRequest>(Address(site.Name + ".add"), RequestTimeout.After(s: 30)),
            bus.CreateRequestClient<EchoRequest>(Address(site.Name + ".echo"), RequestTimeout.After(s: 30)));
    }

    private static Uri Address(string queue) => new($"exchange:{queue}?durable=false&autodelete=true");

    private static IBusControl CreateBus(PeerSite site, Action<IRabbitMqBusFactoryConfigurator> configure) => Bus.Factory.CreateUsingRabbitMq(configurator =>
    {
        var uri = new Uri(site.Broker);
        configurator.Host(uri.Host, (ushort)uri.Port, "/", host => host.PublisherConfirmation = false);
        configurator.PrefetchCount = Concurrency;
        configurator.Durable = false;
        configurator.AutoDelete = true;
        configure(configurator);
    });

    private static void Endpoint(IRabbitMqBusFactoryConfigurator configurator, string queue, Action<IRabbitMqReceiveEndpointConfigurator> configure) =>
        configurator.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Durable = false;
            endpoint.AutoDelete = true;
            endpoint.PrefetchCount = Concurrency;
            endpoint.ConcurrentMessageLimit = Concurrency;
            configure(endpoint);
        });

    public sealed record AddRequest(int A, int B);

    public sealed record AddReply(int Sum);

    public sealed record EchoRequest(Document Document);

    public sealed record EchoReply(Document Document);

    private sealed class Stopping(IBusControl bus) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await bus.StopAsync(TimeSpan.FromSeconds(10));
    }

    private sealed class Client(IBusControl bus, IRequestClient<AddRequest> add, IRequestClient<EchoRequest> echo) : IPeerClient
    {
        public async ValueTask<int> AddAsync(int a, int b) => (await add.GetResponse<AddReply>(new AddRequest(a, b))).Message.Sum;

        public async ValueTask<Document> EchoAsync(Document document) => (await echo.GetResponse<EchoReply>(new EchoRequest(document))).Message.Document;

        public async ValueTask DisposeAsync() => await bus.StopAsync(TimeSpan.FromSeconds(10));
    }
}
