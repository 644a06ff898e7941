using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Consuming;
using RpcGen.Server.Running;
using RpcGen.Server.Settings;
using RpcGen.Server.Streaming;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// Serves one queue until stopped. A supervisor keeps a <see cref="ServeLink"/> open: after the loss of connection, channel or
/// queue it opens the next one. Thread-safe.
/// </summary>
internal sealed class ServiceHost : ICallLoad, IAsyncDisposable
{
    private readonly ServerSettings _settings;
    private readonly RpcEnvironment _environment;
    private readonly ServiceDispatcher _dispatcher;
    private readonly bool _hasBroadcasts;
    private readonly bool _hasReplies;
    private readonly Supervisor<ITransportConnection> _probing;
    private readonly Supervisor<ITransportConnection> _connections;
    private readonly Supervisor<ServeLink> _links;
    private readonly LinkDrains _drains = new();
    private readonly BrokerLimitsOfServer _limits;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopRequested = new();
    private readonly Lock _gate = new();
    private volatile RpcAccessDeniedException? _refusal;
    private bool _saidNotDiscoverable;
    private Task? _stopping;

    /// <param name="settings">The server's settings.</param>
    /// <param name="handlers">The handlers of the contract's methods.</param>
    /// <param name="environment">Time, randomness, log.</param>
    /// <param name="descriptionAccess">Who gets the server's description; null for everyone.</param>
    /// <param name="connections">The connection for serving, which other servers share.</param>
    /// <param name="probing">The connection on which permissions are probed. It can be blocked without harm to serving.</param>
    /// <exception cref="ArgumentException">The queue's name is too long for broadcasts.</exception>
    public ServiceHost(ServerSettings settings, IReadOnlyCollection<MethodHandler> handlers, RpcEnvironment environment, DescriptionAccess? descriptionAccess, Supervisor<ITransportConnection> connections, Supervisor<ITransportConnection> probing)
    {
        _settings = settings;
        _environment = environment;
        _connections = connections;
        _probing = probing;
        _hasReplies = handlers.Any(handler => !handler.Method.IsOneWay);
        _hasBroadcasts = handlers.Any(handler => handler.Method.IsBroadcast);
        if (_hasBroadcasts)
        {
            QueueNames.ThrowIfTooLongToBroadcast(settings.QueueName);
        }

        _limits = new BrokerLimitsOfServer(settings, environment);
        foreach (MethodHandler handler in handlers)
        {
            handler.Method.ServerStopping = _stopRequested.Token;
        }

        _dispatcher = new ServiceDispatcher(settings, handlers, environment, descriptionAccess, _limits.Message);
        _links = new Supervisor<ServeLink>($"The channel that serves '{settings.QueueName}' on {settings.Broker}", OpenLinkAsync, environment)
        {
            OnClosing = static link => link.DrainAsync(),
            OnLost = static (link, closure) => link.OnLost(closure),
            OnFailed = OnReopeningFailed,
            IsFinal = static exception => exception is RpcAccessDeniedException, // replies cannot be published
        };
    }

    /// <summary>The open streams of the server; null if its contract has none.</summary>
    public OpenStreams? Streams { get; init; }

    /// <summary>The long calls of the connection; null if no call becomes long. Set before the start.</summary>
    public ServedLongCalls? LongCalls
    {
        init => _dispatcher.LongCalls = value is null ? null : new LongCalls(value, _settings, _limits.Consumer, _environment);
    }

    /// <summary>The queue that is served.</summary>
    public string Queue => _settings.QueueName;

    /// <summary>Completes when the server has stopped; fails if it stopped because the broker took the permission to reply from it.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Called once when the server has stopped, before <see cref="Completion"/> completes. Set before the start; must not throw.</summary>
    public Action? Stopped { get; set; }

    /// <summary>Why no requests are consumed, as a clause for messages; null while they are.</summary>
    public string? NotServingReason =>
        _links.Current is not null ? null
        : _refusal is { } refusal ? refusal.Message.TrimEnd('.')
        : _connections.Current is null ? _connections.DownReason
        : _links.DownReason;

    /// <summary>Why the server cannot work properly although it serves, as a sentence for messages; null if it can.</summary>
    public string? DegradedReason => _dispatcher.Places.Describe();

    string ICallLoad.LoadName => Queue;

    (int Active, int Queued) ICallLoad.CountCalls() => _links.Current?.Load ?? default;

    /// <summary>Starts to serve. Completes once requests are consumed.</summary>
    /// <exception cref="RpcConnectionException">The broker refuses the queue or the consumer.</exception>
    /// <exception cref="RpcAccessDeniedException">The server's user lacks a permission.</exception>
    /// <exception cref="RpcUnavailableException">The queue does not exist, and must.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        RpcMetrics.ServerLoad.Add(this);
        try
        {
            await _links.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.AccessRefused)
        {
            throw PermissionRefusals.Create(e.Message, e.InnerException ?? e);
        }
        catch (Exception e) when (e is TransportRefusedException or TransportClosedException)
        {
            throw new RpcConnectionException($"Queue '{Queue}' cannot be served on {_settings.Broker}: {e.Message}", e);
        }

        Log.Serving(_environment.Log, Queue);
    }

    /// <summary>
    /// Consumes no more requests, waits for running calls within the grace period, and returns the rest to the queue.
    /// Every call waits for the same end. The token ends the grace period early.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration _ = cancellationToken.UnsafeRegister(static drains => ((LinkDrains)drains!).EndGracePeriod(), _drains);
        Task stopping;
        lock (_gate)
        {
            stopping = _stopping ??= StopCoreAsync();
        }

        await stopping.ConfigureAwait(false);
    }

    /// <inheritdoc cref="StopAsync"/>
    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));

    private async Task StopCoreAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // not under the lock
        RpcMetrics.ServerLoad.Remove(this);
        _ = _stopRequested.CancelAsync();
        try
        {
            Task graceOver = Task.Delay(_settings.GracePeriod, _environment.Time, _drains.GraceOver);
            await _links.DisposeAsync().ConfigureAwait(false);
            await _drains.WhenAllAsync().ConfigureAwait(false);
            await DrainLongCallsAsync(graceOver).ConfigureAwait(false);
            await DrainStreamsAsync(graceOver).ConfigureAwait(false);
            Log.Stopped(GuardedLogger.Guard(_environment.Log), Queue);
        }
        finally
        {
            _dispatcher.Watches.Stop();
            Stopped?.Invoke();
            if (_refusal is null)
            {
                _completion.SetResult(); // also if the user's log threw: the server has stopped
            }
            else
            {
                _completion.SetException(_refusal);
                _ = _completion.Task.Exception; // marks it as observed, also if the application never awaits it
            }
        }
    }

    /// <summary>Waits for the long calls until the grace period ends, and gives up those that still run.</summary>
    private async Task DrainLongCallsAsync(Task graceOver)
    {
        if (_dispatcher.LongCalls is { } longCalls && await longCalls.DrainAsync(graceOver).ConfigureAwait(false) is > 0 and var left)
        {
            Log.LongCallsInterrupted(GuardedLogger.Guard(_environment.Log), Queue, left);
        }
    }

    /// <summary>Waits for the open streams until the grace period ends, and gives up those that are still open.</summary>
    private async Task DrainStreamsAsync(Task graceOver)
    {
        if (Streams is not null && await Streams.DrainAsync(graceOver).ConfigureAwait(false) is > 0 and var left)
        {
            Log.StreamsInterrupted(GuardedLogger.Guard(_environment.Log), Queue, left);
        }
    }

    /// <summary>The broker took the permission to reply from the server while it ran: it stops for good, rather than to run the same requests again and again.</summary>
    private void OnReopeningFailed(Exception exception)
    {
        if (exception is RpcAccessDeniedException refusal)
        {
            _refusal = refusal;
            Log.ServingRefused(_environment.Log, Queue, refusal.Message);
            _ = StopAsync(CancellationToken.None);
        }
    }

    /// <summary>Opens the next link. Refusals that another attempt can find lifted are <see cref="TransportRefusedException"/>s with the remedy in their messages.</summary>
    /// <exception cref="RpcAccessDeniedException">Replies cannot be published, and no next secret can change that.</exception>
    private async Task<ServeLink> OpenLinkAsync(CancellationToken cancellationToken)
    {
        ITransportConnection connection = await _connections.GetAsync(cancellationToken).ConfigureAwait(false);
        ServerSettings settings = _settings with { UserName = connection.UserName ?? _settings.UserName };
        try
        {
            return await OpenLinkTwiceAsync(connection, settings, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.AccessRefused)
        {
            throw new TransportRefusedException(e.Code, PermissionRefusals.Describe($"Queue '{Queue}' cannot be served", settings.Broker, settings.UserName, e), e);
        }
        catch (TransportRefusedException e) when ((QueueRefusals.DescribeLimit(e.Message) ?? QueueRefusals.DescribeDifference(e.Message)) is { } explanation)
        {
            throw new TransportRefusedException(e.Code, explanation, e);
        }
        catch (TransportRefusedException e) when (UnreachableQueues.DescribeIn(e.Code, e.Message) is { } unreachable)
        {
            throw new TransportRefusedException(e.Code, $"Queue '{Queue}' on {settings.Broker} {unreachable} ({e.Message}). {UnreachableQueues.Remedy}", e);
        }
        catch (RpcAccessDeniedException e) when (connection.HasTemporaryLogin || _probing.Current?.HasTemporaryLogin == true)
        {
            throw new TransportRefusedException(AmqpReplyCodes.AccessRefused, e.Message, e.InnerException);
        }
    }

    private async Task<ServeLink> OpenLinkTwiceAsync(ITransportConnection connection, ServerSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenLinkOnceAsync(connection, settings, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound)
        {
            // What was declared can be deleted before it is used, for example by an operator.
            return await OpenLinkOnceAsync(connection, settings, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>An instance that cannot be found works like any other. The log says it once.</summary>
    private async Task AnnounceAsync(ITransportConnection connection, ServeLink link, ServerSettings settings, CancellationToken cancellationToken)
    {
        if (settings.IsDiscoverable && link.Inbox is { } inbox && await Announcement.TryAsync(connection, inbox, cancellationToken).ConfigureAwait(false) is { } refusal &&
            !Interlocked.Exchange(ref _saidNotDiscoverable, true))
        {
            Log.NotDiscoverable(_environment.Log, PermissionRefusals.Describe($"Queue '{Queue}' is served, but cannot be found through the exchange '{WireNames.ServicesExchange}'", settings.Broker, settings.UserName, refusal));
        }
    }

    private async Task<ServeLink> OpenLinkOnceAsync(ITransportConnection connection, ServerSettings settings, CancellationToken cancellationToken)
    {
        _limits.Message.OnConnected(connection);
        await QueueDeclarer.EnsureAsync(connection, settings, cancellationToken).ConfigureAwait(false);
        if (settings.DeadLetterQueue is { } dead)
        {
            await QueueDeclarer.EnsureAsync(connection, settings with { Queue = dead }, cancellationToken).ConfigureAwait(false);
        }

        await ExchangeSetup.EnsureAsync(connection, settings, cancellationToken).ConfigureAwait(false);
        if (_hasReplies)
        {
            await ExchangeSetup.ProbeRepliesAsync(_probing, settings, _environment, cancellationToken).ConfigureAwait(false);
        }

        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        DeadLetters? deadLetters = settings.DeadLetterQueue is null ? null : new DeadLetters(connection, settings, _environment);
        var link = new ServeLink(_settings, _dispatcher, _environment, _drains, _limits, channel, Streams, deadLetters, connection.MarksEachRedelivery);
        try
        {
            await link.StartAsync(_hasBroadcasts, cancellationToken).ConfigureAwait(false);
            await AnnounceAsync(connection, link, settings, cancellationToken).ConfigureAwait(false);
            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
