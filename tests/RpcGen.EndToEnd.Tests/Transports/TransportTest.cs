using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>The base of RabbitMQ transport tests: connections that are closed with the test, and helper methods.</summary>
public abstract class TransportTest : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The bound for expected events.</summary>
    private protected static TimeSpan Soon => Wait.Bound;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable opened in _opened)
        {
            await opened.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A unique name.</summary>
    private protected static string NewName(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    private protected static OutgoingMessage To(string queue, string type = "test") =>
        new() { Exchange = "", RoutingKey = queue, Type = type, Body = "{}"u8.ToArray() };

    private protected async Task<ITransportConnection> ConnectAsync(string url)
    {
        ITransportConnection connection = await TransportFactory.Create(url, new RpcConnectionOptions()).ConnectAsync("test", Token);
        _opened.Add(connection);
        return connection;
    }

    private protected async Task<ITransportChannel> OpenAsync(string url) => await (await ConnectAsync(url)).OpenChannelAsync(Token);
}
