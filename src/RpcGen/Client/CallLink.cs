using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>One life of the channel that calls go out and replies come in on, with its callback queue.</summary>
internal sealed class CallLink : IClosable, ITransportConsumer
{
    private readonly CallSession _session;
    private readonly ITransportConnection _connection;
    private readonly ITransportChannel _channel;
    private readonly CancellationTokenSource _disposed = new();
    private readonly TaskCompletionSource<TransportClosure> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CallLink(CallSession session, ITransportConnection connection, ITransportChannel channel, string replyTo)
    {
        _session = session;
        _connection = connection;
        _channel = channel;
        ReplyTo = replyTo;
        Closed = Task.WhenAny(channel.Closed, _cancelled.Task).Unwrap();
        channel.Returned += session.OnReturned;
        connection.BlockedChanged += session.OnBlockedChanged;
    }

    /// <summary>The callback queue. A new name each time: the old one may still be locked by a connection half gone.</summary>
    public string ReplyTo { get; }

    public Task<TransportClosure> Closed { get; }

    /// <summary>The broker's host; null within this process.</summary>
    public BrokerHost? Host => _connection.Host;

    /// <summary>Why the broker takes no messages at the moment; null while it does.</summary>
    public string? BlockedReason => _connection.BlockedReason;

    /// <summary>Opens the channel, declares the callback queue and consumes it.</summary>
    public static async Task<CallLink> OpenAsync(CallSession session, ITransportConnection connection, string replyTo, CancellationToken cancellationToken)
    {
        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        var link = new CallLink(session, connection, channel, replyTo);
        try
        {
            await channel.DeclareQueueAsync(new QueueDeclaration(replyTo, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
            await channel.ConsumeAsync(replyTo, prefetch: 0, link, cancellationToken).ConfigureAwait(false);
            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether calls can go out.</summary>
    public bool IsReady => !Closed.IsCompleted && BlockedReason is null;

    /// <summary>Publishes. A publish that hangs ends with this link.</summary>
    public ValueTask PublishAsync(in OutgoingMessage message) => _channel.PublishAsync(in message, _disposed.Token);

    public void OnDelivered(in IncomingMessage message) => _session.OnReply(in message);

    public void OnCancelledByBroker() => _cancelled.TrySetResult(new TransportClosure("the callback queue was deleted"));

    public async ValueTask DisposeAsync()
    {
        _connection.BlockedChanged -= _session.OnBlockedChanged;
        await _channel.DisposeAsync().ConfigureAwait(false);
        _channel.Returned -= _session.OnReturned;
        await _disposed.CancelAsync().ConfigureAwait(false);
    }
}
