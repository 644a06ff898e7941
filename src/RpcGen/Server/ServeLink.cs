using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>One life of the channel that a queue is served on: requests in, replies and acknowledgements out.</summary>
internal sealed class ServeLink : ISupervised, ITransportConsumer, ICallRunner
{
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(3);

    private readonly RpcServer _server;
    private readonly ITransportChannel _channel;
    private readonly DeliveryLedger _ledger;
    private readonly CancelledCalls _cancelled;
    private readonly TaskCompletionSource<TransportClosure> _consumerLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _consumerTag = "";

    public ServeLink(RpcServer server, ITransportChannel channel)
    {
        _server = server;
        _channel = channel;
        _ledger = new DeliveryLedger(channel, server.Options.Prefetch);
        _cancelled = new CancelledCalls(Time, CancelRunning);
        Closed = Task.WhenAny(channel.Closed, _consumerLost.Task).Unwrap();
    }

    public Task<TransportClosure> Closed { get; }

    public TimeProvider Time => _server.Environment.Time;

    /// <summary>Starts to hear of cancelled calls, then to take requests.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_server.BodyStyle != RpcBodyStyle.Bare)
        {
            string queue = WireNames.CancelQueuePrefix + _server.Environment.Random.NextBits().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
            await _channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
            await _channel.BindFanoutAsync(_server.Queue + WireNames.CancelExchangeSuffix, queue, cancellationToken).ConfigureAwait(false);
            await _channel.ConsumeAsync(queue, prefetch: 0, _cancelled, cancellationToken).ConfigureAwait(false);
        }

        _consumerTag = await _channel.ConsumeAsync(_server.Queue, (ushort)_server.Options.Prefetch, this, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A message that can't be decoded closes the connection, comes back, and would do so for ever. It is among those that
    /// would be delivered first: these are taken without acknowledgement. The broken one ends the connection once more, and
    /// is gone; the others run like any, only that no other server gets them if this one fails.
    /// </summary>
    public async Task TakeSuspectsAsync(CancellationToken cancellationToken)
    {
        Log.UndecodableMessage(_server.Environment.Log, _server.Queue, _server.Options.Prefetch);
        for (int taken = 0; taken < _server.Options.Prefetch; taken++)
        {
            if (!await _channel.TakeOneAsync(_server.Queue, this, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    public void OnDelivered(in IncomingMessage message) => _ledger.Add(new ServerCall(this, in message, Time.GetTimestamp()));

    public void OnCancelledByBroker() => _consumerLost.TrySetResult(new TransportClosure($"the broker cancelled the consumer of queue '{_server.Queue}', for the queue was deleted or moved"));

    public async Task RunAsync(ServerCall call)
    {
        bool isDone = true;
        if (call.IsAbandoned)
        {
            isDone = false;
        }
        else if (!call.IsCancelledByCaller && !_cancelled.TryTake(call.ReplyTo, call.CorrelationId))
        {
            Disposition disposition = await _server.Dispatcher.HandleAsync(call, _ledger.AcknowledgeEarly).ConfigureAwait(false);
            isDone = disposition == Disposition.Dropped ? !call.IsAbandoned : await ReplyAsync(call, disposition).ConfigureAwait(false);
        }

        _ledger.End(call, acknowledge: isDone);
        call.Release();
    }

    /// <summary>Stops taking requests, waits for what runs, gives back the rest.</summary>
    public async Task DrainAsync(TimeSpan gracePeriod)
    {
        try
        {
            // A broker that hangs is not waited for longer than this: closing the channel stops the consumer too.
            await _channel.CancelConsumerAsync(_consumerTag, CancellationToken.None).WaitAsync(BrokerPatience, Time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or TransportClosedException or TransportRefusedException)
        {
            Log.ConsumerNotCancelled(_server.Environment.Log, _server.Queue, e.Message);
        }

        try
        {
            await _ledger.WhenIdleAsync().WaitAsync(gracePeriod, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            ServerCall[] unended = _ledger.Unended();
            Log.GraceExceeded(_server.Environment.Log, _server.Queue, unended.Length);
            await AbandonAsync(unended, isChannelOpen: true).ConfigureAwait(false);
        }
    }

    /// <summary>The channel is gone: fires the tokens of what runs; its replies are discarded, for others get the requests.</summary>
    public void OnLost() => _ = AbandonAsync(_ledger.Unended(), isChannelOpen: false);

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private bool CancelRunning(string replyTo, string correlationId)
    {
        foreach (ServerCall call in _ledger.Unended())
        {
            if (call.CorrelationId == correlationId && call.ReplyTo == replyTo)
            {
                call.CancelByCaller();
                return true;
            }
        }

        return false;
    }

    private async Task AbandonAsync(ServerCall[] calls, bool isChannelOpen)
    {
        foreach (ServerCall call in calls)
        {
            bool isNotRedelivered = call.Ack != AckState.Pending; // acknowledged before it ran: no other server will answer
            call.Abandon();
            if (isChannelOpen && isNotRedelivered)
            {
                var farewell = new PooledBuffer();
                FaultWriter.Write(farewell, FaultCodes.Unavailable, "The server stopped.", "The server stopped while it ran the call, which runs at most once: it may have run in part.");
                await PublishAsync(call, farewell.Written, Disposition.Faulted).ConfigureAwait(false);
                farewell.Release();
            }
        }
    }

    /// <summary>Sends the reply; false where the broker keeps the request for another server.</summary>
    private async ValueTask<bool> ReplyAsync(ServerCall call, Disposition disposition)
    {
        if (call.IsAbandoned)
        {
            return false;
        }

        return call.IsCancelledByCaller || await PublishAsync(call, call.Reply.Written, disposition).ConfigureAwait(false);
    }

    private async ValueTask<bool> PublishAsync(ServerCall call, ReadOnlyMemory<byte> body, Disposition disposition)
    {
        var reply = new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = call.ReplyTo!,
            ContentType = disposition == Disposition.Faulted ? WireNames.ProblemJson : body.IsEmpty ? null : WireNames.Json,
            Type = disposition == Disposition.Faulted ? WireNames.Fault : null,
            CorrelationId = new CorrelationId(call.CorrelationId),
            Body = body,
        };
        try
        {
            await _channel.PublishAsync(in reply, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException or OperationCanceledException)
        {
            Log.ReplyNotSent(_server.Environment.Log, _server.Queue, call.CorrelationId, e.Message);
            return false;
        }
    }
}
