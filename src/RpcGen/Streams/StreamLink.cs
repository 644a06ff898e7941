using System.Net;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>
/// One life of the channel for streams and of its queue: requests that open streams go out on it, and everything that peers of a
/// stream say to each other goes out and comes in. Passes messages on to the calls. Thread-safe.
/// </summary>
internal sealed class StreamLink : IClosable, ITransportConsumer
{
    private readonly ProbedExchanges _exchanges;
    private readonly ITransportConnection _connection;
    private readonly ITransportChannel _channel;
    private readonly StreamSettings _settings;
    private readonly RpcEnvironment _environment;
    private readonly StreamTable _table = new();
    private readonly PeerWatch _watch;
    private readonly LongCallPeers _longCalls;
    private readonly TaskCompletionSource<TransportClosure> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StreamLink(ITransportConnection connection, ITransportChannel channel, string queue, StreamSettings settings, LongCallPeers longCalls, RpcEnvironment environment)
    {
        _connection = connection;
        _exchanges = new ProbedExchanges(connection, environment);
        _longCalls = longCalls;
        _channel = channel;
        _settings = settings;
        _environment = environment;
        Recent = new RecentCalls(environment.Time);
        Queue = queue;
        Closed = Task.WhenAny(channel.Closed, _cancelled.Task).Unwrap();
        _watch = new PeerWatch(this, _table, settings, environment);
        channel.Returned += OnReturned;
    }

    /// <summary>The queue of this process for streams. Each link has a new name.</summary>
    public string Queue { get; }

    /// <inheritdoc/>
    public Task<TransportClosure> Closed { get; }

    /// <inheritdoc/>
    public string? Node => _connection.Node;

    /// <summary>The broker's host; null in memory.</summary>
    public BrokerHost? Host => _connection.Host;

    /// <summary>The address of the broker's node; null in memory.</summary>
    public IPEndPoint? Peer => _connection.Peer;

    /// <summary>The broker's user of the connection; null if it is unknown.</summary>
    public string? UserName => _connection.UserName;

    /// <summary>Why the broker blocks publishers; null if it does not.</summary>
    public string? BlockedReason => _connection.BlockedReason;

    /// <summary>The calls that were served lately.</summary>
    public RecentCalls Recent { get; }

    /// <summary>How many calls are open.</summary>
    public int Calls => _table.Count;

    /// <summary>Opens the channel, declares the queue, consumes it and binds it.</summary>
    public static async Task<StreamLink> OpenAsync(ITransportConnection connection, string queue, StreamSettings settings, LongCallPeers longCalls, RpcEnvironment environment, CancellationToken cancellationToken)
    {
        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        var link = new StreamLink(connection, channel, queue, settings, longCalls, environment);
        try
        {
            await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
            await channel.ConsumeAsync(queue, prefetch: 0, link, cancellationToken).ConfigureAwait(false);
            if (settings.ReplyExchange.Length > 0)
            {
                await ExchangeDeclarer.EnsureBoundAsync(connection, settings.ReplyExchange, queue, cancellationToken).ConfigureAwait(false);
            }

            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc cref="ProbedExchanges.FindRefusalAsync"/>
    public Task<TransportRefusedException?> FindRefusalAsync(string exchange, CancellationToken cancellationToken) => _exchanges.FindRefusalAsync(exchange, cancellationToken);

    /// <summary>Adds a call. False if the link is closed, or if the call is there already.</summary>
    public bool TryAdd(StreamCall call)
    {
        if (!_table.TryAdd(call))
        {
            return false;
        }

        if (call.ServedFor is { } caller)
        {
            Recent.Add(caller, call.WireId);
        }

        _watch.OnAdded();
        return true;
    }

    /// <summary>The call that this process serves for a caller; null for an unknown one.</summary>
    public StreamCall? FindServed(string replyTo, CorrelationId id) => _table.FindServed(replyTo, id.Normalize());

    /// <summary>The call is open with this peer from now on.</summary>
    public void Join(StreamCall call, string peerQueue, TimeSpan every) => _table.Join(call, peerQueue, every, _environment.Time.GetTimestamp());

    /// <summary>Removes a call. Idempotent.</summary>
    public void Remove(StreamCall call) => _table.Remove(call);

    /// <summary>Publishes the request that opens a call. It does not count as a message of the stream.</summary>
    /// <exception cref="TransportClosedException">The link is closed.</exception>
    /// <exception cref="ArgumentException">The message has no form in AMQP.</exception>
    public ValueTask PublishRequestAsync(in OutgoingMessage request, CancellationToken cancellationToken) => _channel.PublishAsync(in request, cancellationToken);

    /// <summary>Publishes a message of a call to its peer. False if the link is closed, which the call is told.</summary>
    /// <exception cref="ArgumentException">The message has no form in AMQP.</exception>
    public async ValueTask<bool> SendAsync(StreamCall call, OutgoingMessage message)
    {
        bool isSent = await TryPublishAsync(message).ConfigureAwait(false);
        if (isSent)
        {
            call.CountSent();
        }

        return isSent;
    }

    /// <summary>A message to a stream queue.</summary>
    public OutgoingMessage To(string queue, string? type, CorrelationId id, ReadOnlyMemory<byte> body = default) => new()
    {
        Exchange = _settings.ReplyExchange,
        RoutingKey = queue,
        IsMandatory = true,
        Type = type,
        CorrelationId = id,
        ReplyTo = Queue,
        ContentType = body.IsEmpty ? null : type is not null && type.StartsWith(WireNames.Fault, StringComparison.Ordinal) ? WireNames.ProblemJson : WireNames.Json,
        Body = body,
    };

    /// <summary>Tells a server that a call is not wanted any more. Never throws.</summary>
    public void PostCancel(string queue, CorrelationId id) => _ = TryPublishAsync(To(queue, StreamMessageKinds.Cancel, id)).AsTask();

    /// <summary>Publishes a message that no call counts. False if the link is closed. Never throws.</summary>
    public async ValueTask<bool> TryPublishAsync(OutgoingMessage message)
    {
        try
        {
            await _channel.PublishAsync(in message, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException)
        {
            return false; // the calls learn of it when the link is lost
        }
    }

    /// <summary>The link is lost: tells all calls.</summary>
    public void Fail(StreamLoss loss)
    {
        foreach (StreamCall call in _table.Close())
        {
            call.OnLost(loss);
        }
    }

    /// <summary>The connection is about to be disposed: tells the calls that end with the clients.</summary>
    public void EndClients(StreamLoss loss)
    {
        foreach (StreamCall call in _table.Made().Where(call => call.EndsWithClients))
        {
            call.OnLost(loss);
        }
    }

    /// <summary>A peer is lost: tells its calls.</summary>
    public void FailPeer(StreamPeer peer, StreamLoss loss)
    {
        foreach (StreamCall call in _table.CallsOf(peer))
        {
            call.OnLost(loss);
        }
    }

    /// <inheritdoc/>
    public void OnDelivered(in IncomingMessage message)
    {
        try
        {
            Route(in message);
        }
#pragma warning disable CA1031 // Peers can send anything, and an exception here would only be lost: the beats find out what is missing.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.StreamMessageDropped(GuardedLogger.Guard(_environment.Log), message.Type, message.CorrelationId, e.Message);
        }
    }

    /// <inheritdoc/>
    public void OnCancelledByBroker() => _cancelled.TrySetResult(new TransportClosure("the queue for streams was deleted"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        await _channel.DisposeAsync().ConfigureAwait(false);
        _channel.Returned -= OnReturned;
    }

    private void Route(in IncomingMessage message)
    {
        StreamMessageKind kind = StreamMessageKinds.Of(message.Type, out string? parameter);
        string replyTo = message.ReplyTo ?? "";
        StreamPeer? peer = replyTo.Length > 0 ? _table.FindPeer(replyTo) : null;
        peer?.OnHeard(_environment.Time.GetTimestamp());
        if (kind == StreamMessageKind.Beat)
        {
            if (peer is not null)
            {
                BeatReader.Read(this, _table, peer, in message);
            }

            return;
        }

        CorrelationId id = new CorrelationId(message.CorrelationId).Normalize();
        StreamCall? call = Find(kind, parameter, replyTo, id);
        if (call is null)
        {
            if (parameter is not null || !_longCalls.TryTake(this, kind, id, in message))
            {
                OnUnknown(kind, parameter, in message);
            }

            return;
        }

        call.OnMessage(kind, parameter, in message);
        if (call.Peer is { } sender && sender.Queue == replyTo)
        {
            call.CountReceived();
        }
    }

    /// <summary>
    /// The call that a message is for. Clients grant and cancel results. Both sides can send all kinds about parameters: items of streams go to the server, those
    /// of progress to the client.
    /// </summary>
    private StreamCall? Find(StreamMessageKind kind, string? parameter, string replyTo, CorrelationId id)
    {
        if (parameter is null)
        {
            return kind is StreamMessageKind.Grant or StreamMessageKind.Cancel ? _table.FindServed(replyTo, id) : _table.FindMade(id);
        }

        StreamCall? served = _table.FindServed(replyTo, id);
        StreamCall? made = _table.FindMade(id);

        // With both sides in this process, the served call can have ended before the last messages of its client arrive. They are not for the client.
        bool isForEndedCall = served is null && replyTo == Queue && made?.Takes(kind, parameter) == false;
        return isForEndedCall ? null : served?.Takes(kind, parameter) == true ? served : made ?? served;
    }

    /// <summary>Nobody waits for the message. A server that has just opened the call is told; the beats tell all others.</summary>
    private void OnUnknown(StreamMessageKind kind, string? parameter, in IncomingMessage message)
    {
        RpcMetrics.RepliesDropped.Add(1, RpcMetrics.Reason(TelemetryNames.Late));
        bool isFirst = kind is StreamMessageKind.Open || (kind == StreamMessageKind.Grant && parameter is not null) ||
            (kind == StreamMessageKind.Item && parameter is null && message.MessageId == "0");
        if (isFirst && message.ReplyTo is { Length: > 0 } server)
        {
            PostCancel(server, new CorrelationId(message.CorrelationId));
        }
    }

    private void OnReturned(ReturnedMessage message)
    {
        _longCalls.OnReturned(message);
        if (_table.FindPeer(message.RoutingKey) is { } peer)
        {
            FailPeer(peer, new StreamLoss(StreamLossKind.PeerGone, $"the queue of the other side, '{peer.Queue}', is gone"));
        }
        else if (_table.FindMade(new CorrelationId(message.CorrelationId).Normalize()) is { Peer: null } call)
        {
            call.OnReturned(message.Reason);
        }
    }
}
