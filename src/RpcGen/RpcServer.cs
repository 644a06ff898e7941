using System.Collections.Concurrent;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server;
using RpcGen.Transport;

namespace RpcGen;

/// <summary>
/// Serves a queue until disposed, across losses of connection, channel or queue. Thread-safe. Several servers of one queue,
/// in one process or many, compete for its requests.
/// </summary>
public sealed class RpcServer : IAsyncDisposable, ICallLoad
{
    private readonly string _broker;
    private readonly Supervisor<ITransportConnection> _connections;
    private readonly Supervisor<ServeLink> _links;
    private readonly QueueDeclaration _declaration;
    private readonly Action<RpcServer> _onStopped;
    private readonly Lock _gate = new();
    private readonly TakenMessages _taken = new();
    private readonly ConcurrentDictionary<Task, bool> _finishing = new();
    private readonly CancellationTokenSource _graceOver = new();
    private volatile bool _hasBrokenMessage;
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
        MaxMessageBytes = maxMessageBytes;
        _broker = broker;
        _connections = connections;
        _onStopped = onStopped;
        _declaration = new QueueDeclaration(queue, options.QueueType switch
        {
            RpcQueueType.Quorum => QueueKind.Quorum,
            RpcQueueType.NonDurable => QueueKind.Transient,
            _ => QueueKind.Classic,
        },
        (byte)options.MaxPriority);
        HasBroadcasts = handlers.Any(handler => handler.Method.IsBroadcast);
        if (HasBroadcasts)
        {
            QueueNames.ThrowIfTooLongToBroadcast(queue);
        }

        Dispatcher = new ServiceDispatcher(queue, contract.Queue, BodyStyle, handlers, environment, options, maxMessageBytes, isServedHere, new Introspection(contract, queue, handlers, environment));
        _links = new Supervisor<ServeLink>($"The channel that serves '{queue}' on {broker}", OpenAsync, environment)
        {
            OnClosing = link => link.DrainAsync(options.GracePeriod),
            OnLost = static (link, _) => link.OnLost(),
        };
    }

    /// <summary>The queue that is served.</summary>
    public string Queue { get; }

    internal RpcBodyStyle BodyStyle { get; }

    internal RpcServerOptions Options { get; }

    internal int MaxMessageBytes { get; }

    internal RpcEnvironment Environment { get; }

    /// <summary>Whether instances get calls that are for all of them.</summary>
    internal bool HasBroadcasts { get; }

    internal ServiceDispatcher Dispatcher { get; }

    /// <summary>Why no requests are taken, as a clause for messages; null while they are.</summary>
    internal string? Trouble => _links.Current is not null ? null : _connections.Current is null ? _connections.DownReason : _links.DownReason;

    /// <summary>Fires when whoever stops the server allows no more time for what runs.</summary>
    internal CancellationToken GraceOver => _graceOver.Token;

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

    /// <summary>As <see cref="StopAsync"/>; the token ends the grace period early, from when on it takes seconds at most.</summary>
    internal async Task StopWithinAsync(CancellationToken patience)
    {
        using CancellationTokenRegistration _ = patience.UnsafeRegister(static over => ((CancellationTokenSource)over!).CancelAsync(), _graceOver);
        await StopAsync().ConfigureAwait(false);
    }

    /// <summary>Lets an earlier link end what it runs; stopping waits for it.</summary>
    internal void FinishInBackground(Task finishing)
    {
        _finishing.TryAdd(finishing, true);
        finishing.ContinueWith(
            static (done, finishing) => ((ConcurrentDictionary<Task, bool>)finishing!).TryRemove(done, out _),
            _finishing,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        RpcMetrics.ServerLoad.Add(this);
        while (true)
        {
            try
            {
                await _links.StartAsync(cancellationToken).ConfigureAwait(false);
                Log.Serving(Environment.Log, Queue);
                return;
            }
            catch (TransportClosedException) when (_hasBrokenMessage)
            {
                // Broken messages wait in the queue: each costs a connection until it is taken out.
                await Task.Delay(Backoff.First, Environment.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TransportRefusedException or TransportClosedException)
            {
                throw new RpcConnectionException($"Queue '{Queue}' can't be served on {_broker}: {e.Message}", e);
            }
        }
    }

    string ICallLoad.LoadName => Queue;

    (int Active, int Queued) ICallLoad.CountCalls() => _links.Current?.Load ?? default;

    private async Task<ServeLink> OpenAsync(TransportClosure? last, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenOnceAsync(last, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound)
        {
            // The exchanges of a queue go with their last queues: with another server's, between declaring and binding ours.
            return await OpenOnceAsync(last, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ServeLink> OpenOnceAsync(TransportClosure? last, CancellationToken cancellationToken)
    {
        ITransportConnection connection = await _connections.GetAsync(cancellationToken).ConfigureAwait(false);
        await QueueDeclarer.EnsureAsync(connection, _declaration, Options, BodyStyle, cancellationToken).ConfigureAwait(false);
        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        var link = new ServeLink(this, channel);
        try
        {
            if (_hasBrokenMessage || last is { IsUndecodableMessage: true })
            {
                await link.TakeSuspectsAsync(_taken, cancellationToken).ConfigureAwait(false);
            }

            await link.StartAsync(cancellationToken).ConfigureAwait(false);
            _hasBrokenMessage = false;
            _taken.MoveTo(link);
            return link;
        }
        catch (Exception e)
        {
            _hasBrokenMessage |= e is TransportClosedException { Closure.IsUndecodableMessage: true };
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StopCoreAsync()
    {
        await Task.Yield(); // not under the lock
        RpcMetrics.ServerLoad.Remove(this);
        await _links.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_finishing.Keys).ConfigureAwait(false);
        if (_taken.Count > 0)
        {
            Log.TakenLost(Environment.Log, Queue, _taken.Count);
        }

        _onStopped(this);
    }
}
