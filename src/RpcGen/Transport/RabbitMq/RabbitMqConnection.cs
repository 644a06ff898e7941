using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>An open connection to a broker.</summary>
internal sealed class RabbitMqConnection : ITransportConnection
{
    /// <summary>How long a goodbye may take, its answer included, before the connection is cut.</summary>
    internal static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(3);

    // The rate limiter that the library makes by default belongs to publisher confirms, which we do without.
    private static readonly CreateChannelOptions ChannelOptions = new(false, false, null, consumerDispatchConcurrency: 1);

    private static readonly CreateChannelOptions PublisherOptions = new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false, null, consumerDispatchConcurrency: 1);

    private readonly IConnection _connection;
    private readonly RabbitMqSocket _socket;
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<RabbitMqChannel> _channels = [];
    private TransportClosure? _end;
    private Task? _disposal;
    private volatile string? _blockedReason;

    public RabbitMqConnection(IConnection connection, RabbitMqSocket socket)
    {
        _connection = connection;
        _socket = socket;
        Host = new BrokerHost(connection.Endpoint.HostName, connection.Endpoint.Port);
        connection.ConnectionBlockedAsync += (_, args) => SetBlocked(args.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => SetBlocked(null);
        connection.ConnectionShutdownAsync += OnShutdownAsync;

        // The library looks and subscribes in two steps.
        if (connection.CloseReason is { } reason)
        {
            _ = OnShutdownAsync(connection, reason);
        }
    }

    public event Action? BlockedChanged;

    public Task<TransportClosure> Closed => _closed.Task;

    public BrokerHost? Host { get; }

    public string? BlockedReason => _blockedReason;

    /// <summary>The largest frame in bytes; 0 for no limit.</summary>
    internal uint FrameMax => _connection.FrameMax;

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) =>
        OpenAsync<ITransportChannel>(ChannelOptions, static (_, channel, _) => channel, cancellationToken);

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

    /// <summary>Whether a channel was closed for the connection's sake.</summary>
    internal bool IsClosedBy(ShutdownEventArgs reason) => ReferenceEquals(reason, _connection.CloseReason);

    internal void Forget(RabbitMqChannel channel)
    {
        lock (_lock)
        {
            _channels.Remove(channel);
        }
    }

    private static async Task CloseWhenOpenAsync<T>(Task<T> opening)
        where T : ISupervised
    {
        try
        {
            T channel = await opening.ConfigureAwait(false);
            await channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (TransportClosedException)
        {
            // Nothing to close.
        }
    }

    private async Task<T> OpenAsync<T>(CreateChannelOptions options, Func<RabbitMqConnection, RabbitMqChannel, IChannel, T> use, CancellationToken cancellationToken)
        where T : ISupervised
    {
        // The library is not given the token: an answer that comes after a cancellation can break the whole connection.
        Task<T> opening = OpenAsync(options, use);
        try
        {
            if (await Task.WhenAny(opening, Closed).WaitAsync(cancellationToken).ConfigureAwait(false) == opening)
            {
                return await opening.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            _ = CloseWhenOpenAsync(opening);
            throw;
        }

        _ = CloseWhenOpenAsync(opening); // the library may go on waiting for an answer
        throw new TransportClosedException(Closed.Result, nothingSent: true);
    }

    private async Task<T> OpenAsync<T>(CreateChannelOptions options, Func<RabbitMqConnection, RabbitMqChannel, IChannel, T> use)
    {
        try
        {
            IChannel channel = await _connection.CreateChannelAsync(options).ConfigureAwait(false);
            var opened = new RabbitMqChannel(this, channel);
            TransportClosure? end;
            lock (_lock)
            {
                _channels.Add(opened);
                end = _end;
            }

            opened.Start();
            T used = use(this, opened, channel);
            if (end is not null)
            {
                opened.End(end);
            }

            return used;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { } reason)
        {
            throw new TransportClosedException(Closures.From(reason), nothingSent: true);
        }
        catch (Exception e) when (Closures.IsClosure(e))
        {
            throw new TransportClosedException(Closed.IsCompleted ? Closed.Result : Closures.Disposed, nothingSent: true);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException)
        {
            throw new TransportClosedException(RabbitMqChannel.Unanswered(e), nothingSent: true);
        }
        catch (ChannelAllocationException e)
        {
            throw new TransportClosedException(
                new TransportClosure($"no channel is left: all {_connection.ChannelMax} of the connection are in use", e),
                nothingSent: true);
        }
#pragma warning disable CA1031 // Whatever else the library throws while a connection goes: those who wait for a channel know this exception.
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
        // Not awaited by the library, whose channels learn of the end only after this handler.
        _ = Task.Run(() => CompleteAsync(Closures.From(args)));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Tells of the end after the channels have, so that a reply which had arrived before is delivered before. The library
    /// tells its channels one after the other: one that does not come to its end would leave those behind it open for ever.
    /// </summary>
    private async Task CompleteAsync(TransportClosure closure)
    {
        RabbitMqChannel[] channels;
        lock (_lock)
        {
            _end = closure;
            channels = [.. _channels];
        }

        Task ended = Task.WhenAll(channels.Select(channel => channel.Closed));
        await Detached.WaitAsync(ended, CloseTimeout).ConfigureAwait(false);
        foreach (RabbitMqChannel channel in channels)
        {
            channel.End(closure);
        }

        await Detached.WaitAsync(ended, CloseTimeout).ConfigureAwait(false);
        _closed.TrySetResult(closure);

        // Nobody needs the socket of a dead connection, and the library holds on to it while a write hangs.
        await DisposeAsync().ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
        await Detached.WaitAsync(GoodbyeAsync(), CloseTimeout).ConfigureAwait(false);
        _socket.Close();
        _closed.TrySetResult(Closures.Disposed);
    }

    private async Task GoodbyeAsync()
    {
        await _connection.AbortAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
