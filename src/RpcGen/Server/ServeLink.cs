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
    private readonly Action<ServerCall> _acknowledgeEarly;
    private readonly EarliestDeadline _deadlines;
    private readonly CancelledCalls _cancelled;
    private readonly TaskCompletionSource<TransportClosure> _consumerLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _consumerTag = "";

    public ServeLink(RpcServer server, ITransportChannel channel)
    {
        _server = server;
        _channel = channel;
        _ledger = new DeliveryLedger(channel, this, server.Options.Prefetch);
        _acknowledgeEarly = _ledger.AcknowledgeEarly;
        _deadlines = new EarliestDeadline(Time, CancelLate);
        _cancelled = new CancelledCalls(Time, CancelRunning);
        Closed = Task.WhenAny(channel.Closed, _consumerLost.Task).Unwrap();
    }

    public Task<TransportClosure> Closed { get; }

    /// <summary>How many calls run, and how many wait for a place.</summary>
    public (int Running, int Waiting) Load => _ledger.Load;

    public TimeProvider Time => _server.Environment.Time;

    public int MaxMessageBytes => _server.MaxMessageBytes;

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
    /// is gone; the others wait in <paramref name="taken"/> for a link that lasts, where they run like any, only that no
    /// other server gets them if this one fails.
    /// </summary>
    public async Task TakeSuspectsAsync(TakenMessages taken, CancellationToken cancellationToken)
    {
        Log.UndecodableMessage(_server.Environment.Log, _server.Queue, _server.Options.Prefetch);
        for (int count = 0; count < _server.Options.Prefetch; count++)
        {
            if (!await _channel.TakeOneAsync(_server.Queue, taken, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    public void OnDelivered(in IncomingMessage message) => _ledger.Add(in message, Time.GetTimestamp());

    public void OnCancelledByBroker() => _consumerLost.TrySetResult(new TransportClosure($"the broker cancelled the consumer of queue '{_server.Queue}', for the queue was deleted or moved"));

    public async Task RunAsync(ServerCall call)
    {
        _ledger.Start();
        bool isDone = true;
        try
        {
            if (call.IsAbandoned)
            {
                isDone = false;
            }
            else if (!call.IsCancelledByCaller && !_cancelled.TryTake(call.ReplyTo, call.CorrelationId))
            {
                Disposition disposition = await _server.Dispatcher.HandleAsync(call, _acknowledgeEarly).ConfigureAwait(false);
                isDone = disposition == Disposition.Dropped ? !call.IsAbandoned : await ReplyAsync(call, disposition).ConfigureAwait(false);
                call.EndObservation(isAnswered: disposition != Disposition.Dropped && isDone && !call.IsCancelledByCaller);
            }
        }
        finally
        {
            _ledger.End(call, acknowledge: isDone); // whatever happened, its place is free again
        }
    }

    /// <summary>Stops taking requests, waits for what runs, gives back the rest.</summary>
    public async Task DrainAsync(TimeSpan gracePeriod)
    {
        if (!_consumerLost.Task.IsCompleted)
        {
            await CancelConsumerAsync().ConfigureAwait(false);
        }

        try
        {
            await Task.WhenAny(_ledger.WhenIdleAsync(), _channel.Closed).WaitAsync(gracePeriod, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await AbandonAsync(isChannelOpen: true).ConfigureAwait(false);
        }
    }

    private async Task CancelConsumerAsync()
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
    }

    /// <summary>
    /// Requests come no more. Where the channel is gone too, the tokens of what runs fire, and its replies are discarded,
    /// for others get the requests. Where only the queue was deleted, what runs may end and be answered.
    /// </summary>
    public void OnLost()
    {
        if (_channel.Closed.IsCompleted)
        {
            _ = AbandonAsync(isChannelOpen: false);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_consumerLost.Task.IsCompleted && !_channel.Closed.IsCompleted)
        {
            _server.FinishInBackground(FinishAsync()); // the queue's next link does not wait for this
            return default;
        }

        return CloseAsync();
    }

    private async Task FinishAsync()
    {
        await DrainAsync(_server.Options.GracePeriod).ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
    }

    private ValueTask CloseAsync()
    {
        _deadlines.Dispose();
        return _channel.DisposeAsync();
    }

    public void WatchDeadline(long deadline) => _deadlines.Watch(deadline);

    private long CancelLate(long now)
    {
        long next = long.MaxValue;
        _ledger.ForEachUnended(call =>
        {
            next = Math.Min(next, call.CancelIfLate(now));
            return true;
        });
        return next;
    }

    private bool CancelRunning(string replyTo, string correlationId)
    {
        bool isFound = false;
        _ledger.ForEachUnended(call => !(isFound = call.TryCancelByCaller(replyTo, correlationId)));
        return isFound;
    }

    /// <summary>Gives up what runs. What was acknowledged before it ran no other server will answer: its caller is told.</summary>
    private async Task AbandonAsync(bool isChannelOpen)
    {
        var lastWords = new List<(string ReplyTo, string? CorrelationId)>();
        int abandoned = 0;
        _ledger.ForEachUnended(call =>
        {
            if (call.Ack != AckState.Pending && call.ReplyTo is { } replyTo)
            {
                lastWords.Add((replyTo, call.CorrelationId));
            }

            call.Abandon();
            abandoned++;
            return true;
        });
        if (!isChannelOpen)
        {
            return;
        }

        Log.GraceExceeded(_server.Environment.Log, _server.Queue, abandoned);
        var body = new PooledBuffer();
        FaultWriter.Write(body, FaultCodes.Unavailable, "The server stopped.", "The server stopped while it ran the call, which runs at most once: it may have run in part.");
        using var patience = new CancellationTokenSource(BrokerPatience, Time);
        foreach ((string replyTo, string? correlationId) in lastWords)
        {
            await PublishAsync(replyTo, correlationId, body.Written, Disposition.Faulted, headers: null, patience.Token).ConfigureAwait(false);
        }

        body.Release();
    }

    /// <summary>Sends the reply; false where the broker keeps the request for another server.</summary>
    private async ValueTask<bool> ReplyAsync(ServerCall call, Disposition disposition)
    {
        if (call.IsAbandoned)
        {
            return false;
        }

        if (call.IsCancelledByCaller)
        {
            return true;
        }

        ValueTask<bool> publishing;
        using (RpcTracing.Enter(call.Observation?.Span))
        {
            publishing = PublishAsync(call.ReplyTo!, call.CorrelationId, call.Reply.Written, disposition, call.ReplyHeaders);
        }

        return await publishing.ConfigureAwait(false);
    }

    private async ValueTask<bool> PublishAsync(
        string replyTo,
        string? correlationId,
        ReadOnlyMemory<byte> body,
        Disposition disposition,
        IReadOnlyDictionary<string, object?>? headers,
        CancellationToken cancellationToken = default)
    {
        var reply = new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = replyTo,
            ContentType = disposition == Disposition.Faulted ? WireNames.ProblemJson : body.IsEmpty ? null : WireNames.Json,
            Type = disposition == Disposition.Faulted ? WireNames.Fault : null,
            CorrelationId = new CorrelationId(correlationId),
            Headers = headers,
            Body = body,
        };
        try
        {
            await _channel.PublishAsync(in reply, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException or OperationCanceledException)
        {
            Log.ReplyNotSent(_server.Environment.Log, _server.Queue, correlationId, e.Message);
            return false;
        }
#pragma warning disable CA1031 // An address or id that can't be written (text that is longer once decoded): no server could answer it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RpcMetrics.RequestsDropped.Add(1, RpcMetrics.Reason(TelemetryNames.Unanswerable));
            Log.RequestDropped(_server.Environment.Log, _server.Queue, type: null, correlationId, e.Message);
            return true;
        }
    }
}
