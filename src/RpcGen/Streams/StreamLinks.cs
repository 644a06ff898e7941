using System.Globalization;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>
/// The current <see cref="StreamLink"/>, on a connection of its own, which is opened for the first stream and again when it is
/// lost. Thread-safe.
/// </summary>
internal sealed class StreamLinks : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Func<Supervisor<ITransportConnection>> _create;
    private readonly RpcEnvironment _environment;
    private Supervisor<ITransportConnection>? _connections;
    private Supervisor<StreamLink>? _links;
    private RecentCall[] _untold = [];
    private bool _isDisposed;
    private bool _isClosing;

    /// <param name="settings">The settings of all streams.</param>
    /// <param name="create">Creates the supervisor of the connection.</param>
    /// <param name="environment">Time, randomness and log.</param>
    public StreamLinks(StreamSettings settings, Func<Supervisor<ITransportConnection>> create, RpcEnvironment environment)
    {
        Settings = settings;
        _create = create;
        _environment = environment;
        Budget = new StreamBudget(settings.MaxBufferBytes);
        LongCalls = new LongCallPeers(this, environment);
    }

    /// <summary>The settings of all streams.</summary>
    public StreamSettings Settings { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time => _environment.Time;

    /// <summary>The memory of all streams.</summary>
    public StreamBudget Budget { get; }

    /// <summary>The long calls of the connection.</summary>
    public LongCallPeers LongCalls { get; }

    /// <summary>The broker's limit for messages.</summary>
    public MessageLimit Limit { get; } = new();

    /// <summary>The open link; null while none is open.</summary>
    public StreamLink? Current => Volatile.Read(ref _links)?.Current;

    /// <summary>Whether messages of peers are awaited.</summary>
    public bool IsAwaiting => Current is { Calls: > 0 } || LongCalls.IsAny;

    /// <summary>Why there is no link, as a clause for messages. Meaningful only then.</summary>
    public string DownReason => Volatile.Read(ref _connections) is { Current: null } connections ? connections.DownReason : Volatile.Read(ref _links)?.DownReason ?? "it was never open";

    /// <summary>Waits for an open link. The first caller opens the connection.</summary>
    /// <exception cref="ObjectDisposedException">No link will be opened any more.</exception>
    public Task<StreamLink> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(StreamLinks));
            if (_links is null)
            {
                Start();
            }
        }

        return _links!.GetAsync(cancellationToken);
    }

    /// <summary>Whether the connection is about to be disposed: only handlers start calls.</summary>
    public bool IsClosing => Volatile.Read(ref _isClosing);

    /// <summary>Ends the calls of this process, except those that handlers make, and starts no more: servers are being drained.</summary>
    public void Close()
    {
        Volatile.Write(ref _isClosing, true);
        Current?.EndClients(new StreamLoss(StreamLossKind.Disposed, "it was disposed"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        LongCalls.Dispose();
        if (_links is not null)
        {
            await _links.DisposeAsync().ConfigureAwait(false);
            await _connections!.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Start()
    {
        Supervisor<ITransportConnection> connections = _create();
        connections.StartInBackground();
        var links = new Supervisor<StreamLink>($"The channel for streams to {Settings.Broker}", OpenAsync, _environment) { OnOpened = OnOpened, OnLost = OnLost };
        Volatile.Write(ref _connections, connections);
        Volatile.Write(ref _links, links);
        links.StartInBackground();
    }

    private async Task<StreamLink> OpenAsync(CancellationToken cancellationToken)
    {
        ITransportConnection connection = await _connections!.GetAsync(cancellationToken).ConfigureAwait(false);
        Limit.OnConnected(connection);
        string queue = WireNames.CallbackQueuePrefix + _environment.Random.NextBits().ToString("x16", CultureInfo.InvariantCulture);
        try
        {
            return await StreamLink.OpenAsync(connection, queue, Settings, LongCalls, _environment, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportRefusedException e) when (QueueRefusals.DescribeLimit(e.Message) is { } limit)
        {
            throw new TransportRefusedException(e.Code, limit, e);
        }
    }

    private void OnOpened(StreamLink link)
    {
        LongCalls.OnLinkOpened(link);
        if (Interlocked.Exchange(ref _untold, []) is { Length: > 0 } untold)
        {
            _ = TellAsync(link, untold);
        }
    }

    /// <summary>Callers that have heard of their calls ignore it, and so do those that have their outcomes.</summary>
    private async Task TellAsync(StreamLink link, RecentCall[] untold)
    {
        byte[] fault = RecentCalls.WriteFault();
        foreach (RecentCall call in untold)
        {
            try
            {
                await link.TryPublishAsync(link.To(call.Caller, WireNames.Fault, call.Id, fault) with { ReplyTo = null }).ConfigureAwait(false);
            }
            catch (ArgumentException e)
            {
                Log.StreamMessageDropped(GuardedLogger.Guard(_environment.Log), WireNames.Fault, call.Id.ToString(), e.Message); // no form in AMQP
            }
        }
    }

    private void OnLost(StreamLink link, TransportClosure closure)
    {
        Limit.TryLearn(closure);
        Volatile.Write(ref _untold, link.Recent.Take());
        bool isDisposed;
        lock (_gate)
        {
            isDisposed = _isDisposed;
        }

        link.Fail(new StreamLoss(isDisposed ? StreamLossKind.Disposed : StreamLossKind.LinkLost, closure.Reason));
    }
}
