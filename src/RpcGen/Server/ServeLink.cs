using System.Runtime.CompilerServices;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>One life of the channel that a queue is served on: requests in, replies and acknowledgements out.</summary>
internal sealed class ServeLink : IClosable, ITransportConsumer, ICallRunner
{
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(3);

    /// <summary>A method whose handler takes longer gains nothing from batches, while its calls had better be spread over servers.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(1);

    private readonly RpcServer _server;
    private readonly ITransportChannel _channel;
    private readonly DeliveryLedger _ledger;
    private readonly CallScheduler _scheduler;
    private readonly ReplySender _replies;
    private readonly Action<Delivery> _acknowledgeEarly;
    private readonly EarliestDeadline _deadlines;
    private readonly CancelledCalls _cancelled;
    private readonly TaskCompletionSource<TransportClosure> _consumerLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _consumerTags = [];

    public ServeLink(RpcServer server, ITransportChannel channel)
    {
        _server = server;
        _channel = channel;
        _ledger = new DeliveryLedger(channel, Time, server.Options.MaxConcurrentCalls);
        _scheduler = new CallScheduler(this, server.Options.MaxConcurrentCalls);
        _replies = new ReplySender(channel, server.Environment, server.Queue);
        _acknowledgeEarly = _ledger.AcknowledgeEarly;
        _deadlines = new EarliestDeadline(Time, CancelLate);
        _cancelled = new CancelledCalls(Time, CancelRunning);
        Closed = Task.WhenAny(channel.Closed, _consumerLost.Task).Unwrap();
    }

    public Task<TransportClosure> Closed { get; }

    /// <summary>How many calls run, and how many wait for a place.</summary>
    public (int Running, int Waiting) Load => _scheduler.Load;

    public TimeProvider Time => _server.Environment.Time;

    /// <summary>Starts to hear of cancelled calls, then to take requests.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_server.BodyStyle != RpcBodyStyle.Bare)
        {
            string queue = WireNames.CancelQueuePrefix + _server.Environment.Random.NextBits().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
            await _channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
            await _channel.ConsumeAsync(queue, prefetch: 0, _cancelled, cancellationToken).ConfigureAwait(false);

            // Bound last: a queue that has a consumer goes with its channel, and one that has none would collect messages for ever.
            await _channel.BindFanoutAsync(_server.Queue + WireNames.CancelExchangeSuffix, queue, cancellationToken).ConfigureAwait(false);
        }

        var prefetch = (ushort)_server.Options.MaxConcurrentCalls;
        if (_server.HasBroadcasts)
        {
            var broadcasts = new BroadcastQueue(this, closure => _consumerLost.TrySetResult(closure), _server.Queue);
            _consumerTags.Add(await broadcasts.OpenAsync(_channel, _server.Environment.Random, prefetch, cancellationToken).ConfigureAwait(false));
        }

        _consumerTags.Add(await _channel.ConsumeAsync(_server.Queue, prefetch, this, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// A message that can't be decoded closes the connection, comes back, and would do so for ever. It is among those that
    /// would be delivered first: these are taken without acknowledgement. The broken one ends the connection once more, and
    /// is gone; the others wait in <paramref name="taken"/> for a link that lasts, where they run like any, only that no
    /// other server gets them if this one fails.
    /// </summary>
    public async Task TakeSuspectsAsync(TakenMessages taken, CancellationToken cancellationToken)
    {
        Log.UndecodableMessage(_server.Environment.Log, _server.Queue, _server.Options.MaxConcurrentCalls);
        for (int count = 0; count < _server.Options.MaxConcurrentCalls; count++)
        {
            if (!await _channel.TakeOneAsync(_server.Queue, taken, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    public void OnDelivered(in IncomingMessage message)
    {
        Delivery delivery = _ledger.Add(in message, Time.GetTimestamp(), _server.MaxMessageBytes);
        ServerCall call = _scheduler.Rent();
        call.Begin(delivery, in message);
        _scheduler.Add(call);
    }

    public void OnCancelledByBroker() => _consumerLost.TrySetResult(new TransportClosure($"the broker cancelled the consumer of queue '{_server.Queue}', for the queue was deleted or moved"));

    public async Task RunAsync(ServerCall call)
    {
        Delivery delivery = call.Delivery;
        CallEnd end = CallEnd.Done;
        try
        {
            if (call.IsAbandoned)
            {
                end = CallEnd.Kept;
            }
            else if (!call.IsCancelledByCaller && !_cancelled.TryTake(delivery.ReplyTo, call.Id))
            {
                Disposition disposition = await _server.Dispatcher.HandleAsync(call, _acknowledgeEarly).ConfigureAwait(false);
                if (disposition == Disposition.Opened)
                {
                    end = await OpenBatchAsync(call).ConfigureAwait(false);
                }
                else
                {
                    end = await ReplyAsync(call, disposition).ConfigureAwait(false) ? CallEnd.Done : CallEnd.Kept;
                    call.EndObservation(isAnswered: end == CallEnd.Done && disposition != Disposition.Dropped && !call.IsCancelledByCaller);
                }
            }
        }
        finally
        {
            End(call, delivery, end); // whatever happened, its place is free again
        }
    }

    public void OnIdle() => _ledger.Flush();

    /// <summary>Stops taking requests, waits for what runs, gives back the rest.</summary>
    public async Task DrainAsync(TimeSpan gracePeriod)
    {
        await CancelConsumersAsync().ConfigureAwait(false); // where one was lost, the other goes on

        try
        {
            await Task.WhenAny(_ledger.WhenIdleAsync(), _channel.Closed).WaitAsync(gracePeriod, Time, _server.GraceOver).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await AbandonAsync(isChannelOpen: true).ConfigureAwait(false);
        }
    }

    private async Task CancelConsumersAsync()
    {
        try
        {
            // A broker that hangs is not waited for longer than this: closing the channel stops the consumer too.
            await Task.WhenAll(_consumerTags.Select(tag => _channel.CancelConsumerAsync(tag, CancellationToken.None))).WaitAsync(BrokerPatience, Time).ConfigureAwait(false);
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
        OnLost(); // the channel may have gone meanwhile, and with it the deadlines that would end what still runs
        await CloseAsync().ConfigureAwait(false);
    }

    private ValueTask CloseAsync()
    {
        _deadlines.Dispose();
        _ledger.Dispose();
        return _channel.DisposeAsync();
    }

    public void WatchDeadline(long deadline) => _deadlines.Watch(deadline);

    private long CancelLate(long now)
    {
        long next = long.MaxValue;
        _scheduler.ForEachUnended(call =>
        {
            next = Math.Min(next, call.CancelIfLate(now));
            return true;
        });
        return next;
    }

    private bool CancelRunning(string replyTo, string correlationId)
    {
        bool isFound = false;
        _scheduler.ForEachUnended(call => !(isFound = call.TryCancelByCaller(replyTo, correlationId)));
        return isFound;
    }

    /// <summary>Lets the calls of a batch run; a batch that can't be read is refused as one.</summary>
    private async ValueTask<CallEnd> OpenBatchAsync(ServerCall batch)
    {
        if (_server.Dispatcher.OpenBatch(batch, _scheduler.Rent) is not { } calls)
        {
            return await ReplyAsync(batch, Disposition.Faulted).ConfigureAwait(false) ? CallEnd.Done : CallEnd.Kept;
        }

        batch.Delivery.Batch = new BatchReplies(_replies, _ledger, _scheduler, batch.Delivery, batch.Id, calls.Count);
        _scheduler.Add(calls);
        return CallEnd.Opened;
    }

    /// <summary>Sends the reply, gives it to the batch, or rejects what is one-way; false where the broker keeps the request for another server.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReplyAsync(ServerCall call, Disposition disposition)
    {
        if (call.IsAbandoned)
        {
            return false;
        }

        if (call.IsCancelledByCaller || disposition is Disposition.Dropped or Disposition.Completed)
        {
            return true;
        }

        Delivery delivery = call.Delivery;
        if (disposition == Disposition.Rejected)
        {
            return await _ledger.RejectAsync(delivery).ConfigureAwait(false);
        }

        BatchAnswer answer = BatchAnswer.None;
        if (delivery.Batch is { } batch)
        {
            TimeSpan elapsed = Elapsed(call);
            if (call.Reply.Length < BatchReplies.MaxBytes && call.ReplyHeaders is null)
            {
                batch.Add(call, disposition, elapsed < Quick ? 0 : (long)elapsed.TotalMilliseconds);
                return true;
            }

            answer = elapsed < Quick ? BatchAnswer.Yes : BatchAnswer.No;
        }
        else if (delivery.ContentType is { } contentType && contentType.EndsWith(WireNames.Batchable, StringComparison.Ordinal))
        {
            answer = Elapsed(call) < Quick ? BatchAnswer.Yes : BatchAnswer.No;
        }

        ValueTask<bool> sending;
        using (RpcTracing.Enter(call.Observation?.Span))
        {
            sending = _replies.SendAsync(delivery.ReplyTo!, call.Id, call.Reply.Written, disposition, answer, call.ReplyHeaders);
        }

        return await sending.ConfigureAwait(false);
    }

    private TimeSpan Elapsed(ServerCall call) => call.HasStarted ? Time.GetElapsedTime(call.StartedAt) : TimeSpan.Zero;

    private void End(ServerCall call, Delivery delivery, CallEnd end)
    {
        if (end != CallEnd.Opened)
        {
            if (delivery.Batch is { } batch)
            {
                batch.EndCall(isDone: end == CallEnd.Done);
            }
            else
            {
                _ledger.End(delivery, acknowledge: end == CallEnd.Done);
            }
        }

        if (!_scheduler.End(call))
        {
            _ledger.Flush();
        }
    }

    /// <summary>Gives up what runs. What was acknowledged before it ran no other server will answer: its caller is told.</summary>
    private async Task AbandonAsync(bool isChannelOpen)
    {
        var lastWords = new List<(string ReplyTo, CorrelationId Id)>();
        int abandoned = 0;
        _scheduler.ForEachUnended(call =>
        {
            if (call.Delivery is { Ack: not AckState.Pending, ReplyTo: { } replyTo })
            {
                lastWords.Add((replyTo, call.Id));
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
        FaultWriter.Write(body, FaultCodes.Interrupted, "The server stopped.", "The server stopped while it ran the call, which runs at most once: it may have run in part.");
        using var patience = new CancellationTokenSource(BrokerPatience, Time);
        foreach ((string replyTo, CorrelationId id) in lastWords)
        {
            await _replies.SendAsync(replyTo, id, body.Written, Disposition.Faulted, BatchAnswer.None, headers: null, patience.Token).ConfigureAwait(false);
        }

        body.Release();
    }

    /// <summary>How a call leaves its delivery.</summary>
    private enum CallEnd
    {
        /// <summary>Answered, as far as it needs an answer.</summary>
        Done,

        /// <summary>Not answered: the broker keeps the message for another server.</summary>
        Kept,

        /// <summary>It was a batch, and its calls go on.</summary>
        Opened,
    }
}
