using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>A broker in this process.</summary>
public sealed class MemoryBroker : IBreakableBroker, IDisposable
{
    private readonly InMemoryBroker _broker;

    public MemoryBroker()
    {
        string name = $"test-{Guid.NewGuid():N}";
        Url = $"memory://{name}";
        _broker = InMemoryBrokers.Hold(name, TimeProvider.System);
    }

    public string Url { get; }

    public Task<QueueInfo?> FindQueueAsync(string queue) => Task.FromResult(
        _broker.Queues.FirstOrDefault(info => info.Name == queue) is { } found ? new QueueInfo(found.Ready, found.Unacked, found.Consumers) : null);

    public async Task DeclareQueueAsync(string queue, int? maxLength = null, string? deadLetterQueue = null)
    {
        _broker.SetPolicy(queue, new InMemoryPolicy(maxLength, deadLetterQueue));
        await using ITransportConnection connection = await TransportFactory.Create(Url, new RpcConnectionOptions()).ConnectAsync("operator", CancellationToken.None);
        await using ITransportChannel channel = await connection.OpenChannelAsync(CancellationToken.None);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic), CancellationToken.None);
    }

    public Task DeleteQueueAsync(string queue) => Do(() => _broker.DeleteQueue(queue));

    public Task CloseConnectionsAsync() => Do(() => _broker.CloseConnections(TransportClosure.ByBroker(AmqpReplyCodes.ConnectionForced, "CONNECTION_FORCED - closed by the test")));

    /// <summary>Closes the connections for one purpose.</summary>
    public void CloseConnections(string purpose)
    {
        foreach (InMemoryConnection connection in _broker.Connections.Where(connection => connection.Peer.Name.EndsWith($"({purpose})", StringComparison.Ordinal)))
        {
            _broker.CloseConnection(connection, TransportClosure.ByBroker(AmqpReplyCodes.ConnectionForced, "CONNECTION_FORCED - closed by the test"));
        }
    }

    public Task CloseChannelsAsync() => Do(() =>
    {
        foreach (InMemoryChannel channel in _broker.Connections.SelectMany(OpenChannels))
        {
            _broker.CloseChannel(channel, TransportClosure.ByBroker(AmqpReplyCodes.PreconditionFailed, "PRECONDITION_FAILED - closed by the test"));
        }
    });

    public Task BlockAsync() => Do(() => _broker.Block("low on memory"));

    public Task UnblockAsync() => Do(_broker.Unblock);

    public Task StopAsync() => Do(_broker.Stop);

    public Task KillAsync() => Do(() =>
    {
        _broker.Stop();
        _broker.Resume();
    });

    public Task StartAsync() => Do(_broker.Start);

    public Task WipeAsync() => Do(_broker.Wipe);

    public Task PauseAsync() => Do(_broker.Pause);

    public Task ResumeAsync() => Do(_broker.Resume);

    /// <summary>Gives a user the permission to publish to an exchange, or takes it away.</summary>
    public void SetWritable(string user, string exchange, bool isWritable) => _broker.SetWritable(user, exchange, isWritable);

    /// <summary>The address with which a user connects.</summary>
    public string UrlOf(string user) => Url.Replace("memory://", $"memory://{user}@", StringComparison.Ordinal);

    public void Dispose() => _broker.Dispose();

    private InMemoryChannel[] OpenChannels(InMemoryConnection connection)
    {
        lock (_broker.Gate)
        {
            return [.. connection.Channels];
        }
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
