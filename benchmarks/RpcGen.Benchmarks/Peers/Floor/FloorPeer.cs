using RabbitMQ.Client;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>The fastest peer that we could write by hand on RabbitMQ.Client for one service, without anything else that a product needs.</summary>
internal sealed class FloorPeer(string name, string description, FloorOptions options) : IPeer
{
    public string Name => name;

    public string Description => description;

    public async Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        if (options.IsOneWay)
        {
            return new Together();
        }

        IConnection connection = await ConnectAsync(site.Broker);
        await FloorServer.StartAsync(connection, AddQueue(site), isEcho: false, options);
        await FloorServer.StartAsync(connection, EchoQueue(site), isEcho: true, options);
        return connection;
    }

    public async Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        IConnection publishing = await ConnectAsync(site.Broker);
        IConnection consuming = options.IsOneWay ? await ConnectAsync(site.Broker) : publishing;
        string callbacks = $"rpc.cb.{Random.Shared.NextInt64():x16}";
        FloorClient add = await FloorClient.StartAsync(publishing, consuming, AddQueue(site), options.SendsAllProperties ? callbacks + "a" : "a" + site.Name, options);
        FloorClient echo = await FloorClient.StartAsync(publishing, consuming, EchoQueue(site), options.SendsAllProperties ? callbacks + "e" : "e" + site.Name, options);
        return new FloorCalls(add, echo, publishing, consuming);
    }

    private static string AddQueue(PeerSite site) => $"{site.Name}.a";

    private static string EchoQueue(PeerSite site) => $"{site.Name}.e";

    private static Task<IConnection> ConnectAsync(string broker) =>
        new ConnectionFactory { Uri = new Uri(broker), AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
}
