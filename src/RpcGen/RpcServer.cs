using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Server;
using RpcGen.Transport;

namespace RpcGen;

/// <summary>
/// Serves a queue until disposed, across losses of connection, channel or queue. Thread-safe. Several servers of one queue,
/// in one process or many, compete for its requests.
/// </summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly string _broker;
    private readonly Supervisor<ITransportConnection> _connections;
    private readonly Supervisor<ServeLink> _links;
    private readonly QueueDeclaration _declaration;
    private readonly Action<RpcServer> _onStopped;
    private readonly Lock _gate = new();
    private Task? _stopping;

    internal RpcServer(
        string queue,
        RpcContract contract,
        IReadOnlyCollection<MethodHandler> handlers,
        RpcServerOptions options,
        string broker,
        int maxMessageBytes,
        RpcEnvironment environment,
        Supervisor<ITransportConnection> connections,
        Predicate<string> isServedHere,
        Action<RpcServer> onStopped)
    {
        Queue = queue;
        BodyStyle = contract.BodyStyle;
        Options = options;
        Environment = environment;
        _broker = broker;
        _connections = connections;
        _onStopped = onStopped;
        _declaration = new QueueDeclaration(queue, options.QueueType switch
        {
            RpcQueueType.Quorum => QueueKind.Quorum,
            RpcQueueType.Transient => QueueKind.Transient,
            _ => QueueKind.Classic,
        });
        Dispatcher = new ServiceDispatcher(queue, BodyStyle, handlers, environment, options, maxMessageBytes, isServedHere);
        _links = new Supervisor<ServeLink>($"The channel that serves '{queue}' on {broker}", OpenAsync, environment)
        {
            Lost = static (link, _) => link.OnLost(),
        };
    }

    /// <summary>The queue that is served.</summary>
    public string Queue { get; }

    internal RpcBodyStyle BodyStyle { get; }

    internal RpcServerOptions Options { get; }

    internal RpcEnvironment Environment { get; }

    internal ServiceDispatcher Dispatcher { get; }

    /// <summary>
    /// Stops: takes no more requests, lets those that run finish within <see cref="RpcServerOptions.GracePeriod"/>, and gives
    /// the rest back to the queue, from where other servers get them. Idempotent; every call waits for the same end.
    /// </summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            return _stopping ??= StopCoreAsync();
        }
    }

    /// <inheritdoc cref="StopAsync"/>
    public ValueTask DisposeAsync() => new(StopAsync());

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _links.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TransportRefusedException or TransportClosedException)
        {
            throw new RpcConnectionException($"Queue '{Queue}' can't be served on {_broker}: {e.Message}", e);
        }

        Log.Serving(Environment.Log, Queue);
    }

    private async Task<ServeLink> OpenAsync(TransportClosure? last, CancellationToken cancellationToken)
    {
        ITransportConnection connection = await _connections.GetAsync(cancellationToken).ConfigureAwait(false);
        await QueueDeclarer.EnsureAsync(connection, _declaration, Options, BodyStyle, cancellationToken).ConfigureAwait(false);
        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        var link = new ServeLink(this, channel);
        try
        {
            if (last is { IsUndecodableMessage: true })
            {
                await link.TakeSuspectsAsync(cancellationToken).ConfigureAwait(false);
            }

            await link.StartAsync(cancellationToken).ConfigureAwait(false);
            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StopCoreAsync()
    {
        await Task.Yield(); // not under the lock
        if (_links.Current is { } link)
        {
            await link.DrainAsync(Options.GracePeriod).ConfigureAwait(false);
        }

        await _links.DisposeAsync().ConfigureAwait(false);
        _onStopped(this);
    }
}
