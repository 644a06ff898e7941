using Microsoft.Extensions.Time.Testing;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using Xunit;

namespace RpcGen.Tests.Transports;

/// <summary>A broker in process for each test, with a clock that stands still until it is moved.</summary>
public abstract class InMemoryFixture : IAsyncDisposable
{
    private readonly List<ITransportConnection> _connections = [];

    private protected InMemoryFixture()
    {
        Broker = InMemoryBrokers.Hold($"{Guid.NewGuid():N}", Time);
        Transport = new InMemoryTransport(Broker.Name, Time);
    }

    private protected FakeTimeProvider Time { get; } = new();

    private protected InMemoryBroker Broker { get; }

    private protected InMemoryTransport Transport { get; }

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (ITransportConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }

        Broker.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task<ITransportConnection> ConnectAsync()
    {
        ITransportConnection connection = await Transport.ConnectAsync("test", Cancel);
        _connections.Add(connection);
        return connection;
    }

    private protected async Task<ITransportChannel> OpenChannelAsync() => await (await ConnectAsync()).OpenChannelAsync(Cancel);

    private protected static async Task<string> DeclareAsync(ITransportChannel channel, QueueKind kind = QueueKind.Classic, string queue = "q")
    {
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, kind), Cancel);
        return queue;
    }

    private protected static OutgoingMessage Message(string text, string queue = "q") => new()
    {
        Exchange = "",
        RoutingKey = queue,
        Body = System.Text.Encoding.UTF8.GetBytes(text),
    };

    private protected static async Task PublishAsync(ITransportChannel channel, params string[] texts)
    {
        foreach (string text in texts)
        {
            await channel.PublishAsync(Message(text), Cancel);
        }
    }
}
