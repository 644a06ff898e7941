using System.Globalization;
using System.Net;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>An open connection to a broker.</summary>
internal sealed class RabbitMqConnection : ITransportConnection
{
    /// <summary>The time limit for an orderly close. After it the connection is cut.</summary>
    internal static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How many channels may wait for an answer of the broker before they can close. They are kept open for it, because the
    /// library takes an answer on a channel that it has forgotten for an error of the whole connection.
    /// </summary>
    internal const int MaxUnanswered = 256;

    // The third argument is a rate limiter for the library's own tracking of publisher confirms, which is not used.
    private static readonly CreateChannelOptions ChannelOptions = new(false, false, null, consumerDispatchConcurrency: 1);

    private static readonly CreateChannelOptions PublisherOptions = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false, null, consumerDispatchConcurrency: 1);

    private readonly IConnection _connection;
    private readonly RabbitMqSocket _socket;
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<RabbitMqChannel> _channels = [];
    private TransportClosure? _closure;
    private int _closing;
    private Task? _disposal;
    private volatile string? _blockedReason;
    private volatile TransportClosure? _cut;
    private volatile bool _hasTemporaryLogin;

    public RabbitMqConnection(IConnection connection, RabbitMqSocket socket, BrokerHost host, string? userName)
    {
        _connection = connection;
        _socket = socket;
        Host = host;
        UserName = userName;
        Peer = new IPEndPoint(IPAddress.Parse(connection.Endpoint.HostName), connection.Endpoint.Port);
        Probe = new LivenessProbe(this, connection, socket);
        connection.ConnectionBlockedAsync += (_, args) => SetBlocked(args.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => SetBlocked(null);
        connection.ConnectionShutdownAsync += OnShutdownAsync;

        // The connection can close between its opening and the subscription.
        if (connection.CloseReason is { } reason)
        {
            _ = OnShutdownAsync(connection, reason);
        }
    }

    public event Action? BlockedChanged;

    public Task<TransportClosure> Closed => _closed.Task;

    public BrokerHost? Host { get; }

    public IPEndPoint? Peer { get; }

    public string Node => Host!.Value.Name == Peer!.Address.ToString() ? $"{Host}" : $"{Host} ({Peer.Address})";

    string? IClosable.Node => Node;

    public string? UserName { get; }

    public bool HasTemporaryLogin { get => _hasTemporaryLogin; set => _hasTemporaryLogin = value; }

    public bool MarksEachRedelivery => BrokerVersion.MarksEachRedelivery(_connection.ServerProperties);

    public string? BlockedReason => _blockedReason;

    public int ChannelMax => _connection.ChannelMax == 0 ? ushort.MaxValue : _connection.ChannelMax;

    public ILivenessProbe Probe { get; }

    /// <summary>Opens a second connection to the same node, see <see cref="ILivenessProbe.IsReachableAsync"/>.</summary>
    public Func<CancellationToken, Task<bool>> IsReachable { get; init; } = static _ => Task.FromResult(true);

    /// <summary>The largest frame in bytes; 0 for no limit.</summary>
    internal uint FrameMax => _connection.FrameMax;

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) =>
        OpenAsync<ITransportChannel>(ChannelOptions, static (_, channel, _) => channel, cancellationToken);

    public Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken) =>
        OpenAsync<IConfirmedChannel>(PublisherOptions, static (_, channel, library) => new RabbitMqConfirmedChannel(channel, library), cancellationToken);

    public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) =>
        OpenAsync<ITransportPublisher>(PublisherOptions, static (connection, channel, library) => new RabbitMqPublisher(connection, channel, library), cancellationToken);

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposal ??= Task.Run(CloseAsync);
        }

        return new ValueTask(_disposal);
    }

    /// <summary>Gives the broker a new password or token of the user, and completes when the broker has accepted it.</summary>
    internal async Task UpdateSecretAsync(Login login, CancellationToken cancellationToken)
    {
        await _connection.UpdateSecretAsync(login.Secret, "renewed before its end", CancellationToken.None)
            .WaitAsync(BrokerRequests.AnswerTimeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        HasTemporaryLogin = login.ValidUntil is not null;
    }

    /// <summary>Closes the connection, whose password or token was valid until a time that has passed.</summary>
    internal Task ExpireAsync(DateTimeOffset validUntil)
    {
        var closure = new TransportClosure(string.Create(CultureInfo.InvariantCulture, $"its credentials were valid until {validUntil:u} and could not be renewed")) { IsNodeFine = true };
        return CompleteAsync(closure, TimeSpan.Zero);
    }

    /// <summary>Closes the socket. The library notices that, and the connection and its channels close for this reason.</summary>
    internal void Cut(TransportClosure closure)
    {
        _cut = closure;
        _socket.Close();
    }

    /// <summary>Why the connection or one of its channels closed.</summary>
    internal TransportClosure Explain(ShutdownEventArgs args) => _cut ?? args.ToClosure();

    /// <summary>Whether a channel closed because its connection did.</summary>
    internal bool IsClosedBy(ShutdownEventArgs reason) => ReferenceEquals(reason, _connection.CloseReason);

    internal void Remove(RabbitMqChannel channel)
    {
        lock (_lock)
        {
            _channels.Remove(channel);
        }
    }

    /// <summary>A channel is being closed, and possibly waits for an answer before.</summary>
    internal void CountUntilClosed(Task closing)
    {
        Interlocked.Increment(ref _closing);
        closing.ContinueWith(
            _ => Interlocked.Decrement(ref _closing), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static async Task CloseWhenOpenAsync<T>(Task<T> opening)
        where T : IClosable
    {
        try
        {
            T channel = await opening.ConfigureAwait(false);
            await channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (TransportClosedException)
        {
            // It did not open.
        }
    }

    private async Task<T> OpenAsync<T>(CreateChannelOptions options, Func<RabbitMqConnection, RabbitMqChannel, IChannel, T> use, CancellationToken cancellationToken)
        where T : IClosable
    {
        if (Volatile.Read(ref _closing) >= MaxUnanswered)
        {
            throw new TransportClosedException(
                new TransportClosure($"{MaxUnanswered} requests on this connection wait for answers of the broker; possibly a node of its cluster hangs"), nothingSent: true);
        }

        // The library does not get the token: an answer that arrives after a cancellation can break the whole connection.
        Task<T> opening = OpenAsync(options, use);
        try
        {
            if (await Task.WhenAny(opening, Closed).WaitAsync(BrokerRequests.AnswerTimeout, TimeProvider.System, cancellationToken).ConfigureAwait(false) == opening)
            {
                return await opening.ConfigureAwait(false);
            }
        }
        catch (TimeoutException e)
        {
            _ = CloseWhenOpenAsync(opening);
            throw new TransportClosedException(ShutdownReasons.Unanswered(e), nothingSent: true);
        }
        catch (OperationCanceledException)
        {
            _ = CloseWhenOpenAsync(opening);
            throw;
        }

        _ = CloseWhenOpenAsync(opening); // the library may still wait for an answer
        throw new TransportClosedException(Closed.Result, nothingSent: true);
    }

    private async Task<T> OpenAsync<T>(CreateChannelOptions options, Func<RabbitMqConnection, RabbitMqChannel, IChannel, T> use)
    {
        try
        {
            IChannel channel = await _connection.CreateChannelAsync(options).ConfigureAwait(false);
            var opened = new RabbitMqChannel(this, channel);
            TransportClosure? closure;
            lock (_lock)
            {
                _channels.Add(opened);
                closure = _closure;
            }

            opened.Start();
            T used = use(this, opened, channel);
            if (closure is not null)
            {
                opened.Close(closure);
            }

            return used;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { } reason)
        {
            throw new TransportClosedException(reason.ToClosure(), nothingSent: true);
        }
        catch (Exception e) when (ShutdownReasons.MeansClosed(e))
        {
            throw new TransportClosedException(Closed.IsCompleted ? Closed.Result : TransportClosure.ByOwner, nothingSent: true);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            throw new TransportClosedException(ShutdownReasons.Unanswered(e), nothingSent: true);
        }
        catch (ChannelAllocationException e)
        {
            throw new TransportClosedException(
                new TransportClosure($"all {_connection.ChannelMax} channels of the connection are in use", e),
                nothingSent: true);
        }
#pragma warning disable CA1031 // The library throws many types while a connection closes. Callers expect this one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new TransportClosedException(new TransportClosure($"no channel could be opened: {e.Message}", e), nothingSent: true);
        }
    }

    private Task SetBlocked(string? reason)
    {
        _blockedReason = reason;
        BlockedChanged?.Invoke();
        return Task.CompletedTask;
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs args)
    {
        // The library tells its channels of the end only after this handler has returned.
        _ = Task.Run(() => CompleteAsync(Explain(args), CloseTimeout));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Completes <see cref="Closed"/> after its channels, so that replies which arrived before the end are delivered before
    /// it. The library closes its channels one after the other: a channel that hangs would keep those after it open
    /// forever, so they are closed here after a time limit.
    /// </summary>
    private async Task CompleteAsync(TransportClosure closure, TimeSpan limit)
    {
        RabbitMqChannel[] channels;
        lock (_lock)
        {
            closure = _closure ??= closure; // the first reason counts
            channels = [.. _channels];
        }

        Task ended = Task.WhenAll(channels.Select(channel => channel.Closed));
        await ended.WaitIgnoringOutcomeAsync(limit).ConfigureAwait(false);
        foreach (RabbitMqChannel channel in channels)
        {
            channel.Close(closure);
        }

        await ended.WaitIgnoringOutcomeAsync(CloseTimeout).ConfigureAwait(false);
        _closed.TrySetResult(closure);

        // Cuts the socket of the dead connection: the library keeps it as long as a write hangs.
        await DisposeAsync().ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
        await AbortAsync().WaitIgnoringOutcomeAsync(CloseTimeout).ConfigureAwait(false);
        _socket.Close();
        _closed.TrySetResult(TransportClosure.ByOwner);
    }

    private async Task AbortAsync()
    {
        await _connection.AbortAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
