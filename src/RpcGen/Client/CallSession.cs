using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// All calls of a connection: sends them when there is a way, gives each its one outcome (reply, return, deadline,
/// cancellation, loss), and mends the way.
/// </summary>
internal sealed class CallSession : IAsyncDisposable
{
    /// <summary>How long before a deadline the reason for missing it is looked up.</summary>
    public static readonly TimeSpan ExpiryLead = TimeSpan.FromMilliseconds(500);

    private readonly string _broker;
    private readonly Supervisor<ITransportConnection> _connections;
    private readonly Supervisor<CallLink> _links;
    private readonly QueueProbe _probe;
    private readonly CancelSender _cancels;
    private volatile bool _isDisposed;

    public CallSession(string broker, Supervisor<ITransportConnection> connections, RpcEnvironment environment, int maxMessageBytes)
    {
        _broker = broker;
        _connections = connections;
        Environment = environment;
        MaxMessageBytes = maxMessageBytes;
        Cipher = new CallIdCipher(environment.Random);
        _probe = new QueueProbe(connections, environment);
        _cancels = new CancelSender(connections, environment);
        _links = new Supervisor<CallLink>($"The call channel to {broker}", OpenLinkAsync, environment)
        {
            Opened = _ => SendWaiting(),
            Lost = OnLost,
        };
    }

    public RpcEnvironment Environment { get; }

    public int MaxMessageBytes { get; }

    public CallIdCipher Cipher { get; }

    public PendingCallTable Table { get; } = new();

    public Task StartAsync(CancellationToken cancellationToken) => _links.StartAsync(cancellationToken);

    /// <summary>When a call has to be over. It inherits what remains of the call that the caller is handling, if that is less.</summary>
    public long GetDeadline(RpcMethod method, ref TimeSpan timeout)
    {
        if (RpcCallContext.Current is { } handling)
        {
            TimeSpan remaining = handling.Remaining;
            if (remaining == TimeSpan.Zero)
            {
                throw new RpcTimeoutException($"'{method.Name}' was not sent: the deadline of '{handling.Method}', which makes this call, has passed.");
            }

            if (remaining != Timeout.InfiniteTimeSpan && (timeout == Timeout.InfiniteTimeSpan || remaining < timeout))
            {
                timeout = remaining;
            }
        }

        return timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : Environment.Time.GetTimestamp() + (long)(timeout.TotalSeconds * Environment.Time.TimestampFrequency);
    }

    /// <summary>Takes over a call that is prepared.</summary>
    /// <remarks>The caller does not have the task yet, so that the call cannot be used again meanwhile.</remarks>
    public void Submit(PendingCall call, long generation, bool failFast)
    {
        if (failFast)
        {
            _ = SubmitIfServedAsync(call, generation, call.Method, call.Service);
        }
        else
        {
            Enqueue(call, generation);
        }

        if (_isDisposed)
        {
            Fail(call, generation, new ObjectDisposedException(nameof(RpcConnection)));
        }
    }

    /// <summary>The deadline has passed.</summary>
    public void Expire(PendingCall call, long generation)
    {
        // All that the message needs is read before the call is ended, for then its object may be used again.
        CallLink? link = _links.Current;
        RpcMethod method = call.Method;
        string queue = call.Service.Queue;
        var report = new TimeoutReport(method.Name, call.Id.ToString(), queue, _broker, call.Timeout)
        {
            Trouble = link is null ? _links.Trouble : null,
            BlockedReason = link?.BlockedReason,
            Queue = _probe.Latest(queue),
        };
        if (call.TryFinish(generation, out CallStage was))
        {
            call.SetException(new RpcTimeoutException(report.Describe(wasSent: was == CallStage.Sent)));
        }
    }

    /// <summary>The deadline is near: what can be said about the queue is looked up.</summary>
    public void PrepareExpiry(PendingCall call)
    {
        if (_links.Current is not null)
        {
            _ = _probe.InspectAsync(call.Service.Queue);
        }
    }

    /// <summary>The caller has given up.</summary>
    public void Cancel(PendingCall call, long generation, CancellationToken cancellationToken)
    {
        CancelledCall? cancelled = call.Link is { } link && call.Service.BodyStyle != RpcBodyStyle.Bare
            ? new CancelledCall(call.Service.Queue, link.ReplyTo, call.Id, RemainingMilliseconds(call.Deadline))
            : null;
        if (call.TryFinish(generation, out CallStage was))
        {
            call.SetException(new OperationCanceledException(cancellationToken));
            if (was == CallStage.Sent && cancelled is not null)
            {
                _cancels.Send(cancelled);
            }
        }
    }

    public void OnBlockedChanged() => SendWaiting();

    public void OnReply(in IncomingMessage reply)
    {
        if (!TryFind(reply.CorrelationId, out PendingCall call, out long generation) || !call.TryFinish(generation))
        {
            RpcMetrics.RepliesDropped.Add(1);
            Log.ReplyDropped(Environment.Log, reply.CorrelationId);
            return;
        }

        if (!ContentTypes.IsReadable(reply.ContentType, reply.ContentEncoding))
        {
            call.SetException(new RpcProtocolException(
                $"The reply to '{call.Method.Name}' (call {call.Id}) has content type '{reply.ContentType}' and encoding '{reply.ContentEncoding}', which are not understood."));
        }
        else if (reply.Body.Length > MaxMessageBytes)
        {
            call.SetException(new RpcProtocolException(
                $"The reply to '{call.Method.Name}' (call {call.Id}) has {reply.Body.Length} bytes, more than the limit of {MaxMessageBytes} (RpcConnectionOptions.MaxMessageBytes)."));
        }
        else if (string.IsNullOrEmpty(reply.Type))
        {
            call.SetReply(reply.Body);
        }
        else if (reply.Type == WireNames.Fault)
        {
            call.SetException(FaultReader.Read(reply.Body, call.Method, reply.CorrelationId!));
        }
        else
        {
            call.SetException(new RpcProtocolException($"The reply to '{call.Method.Name}' (call {call.Id}) is of the unknown type '{reply.Type}'."));
        }
    }

    public void OnReturned(ReturnedMessage message)
    {
        if (TryFind(message.CorrelationId, out PendingCall call, out long generation))
        {
            RpcMetrics.CallsReturned.Add(1);
            Fail(call, generation, new RpcUnavailableException(
                $"'{call.Method.Name}' was not sent: {_broker} has no queue '{message.RoutingKey}' ({message.Reason}). Start a server for it, or check the queue's name and the virtual host.",
                message.RoutingKey));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        foreach (PendingCall call in Table.Snapshot())
        {
            (long generation, CallStage stage) = call.Current;
            if (stage is not (CallStage.Idle or CallStage.Done))
            {
                Fail(call, generation, new RpcConnectionException(
                    $"The connection to {_broker} was disposed while '{call.Method.Name}' (call {call.Id}) was pending. Its outcome is unknown: it may have run and may still run."));
            }
        }

        await _cancels.DisposeAsync().ConfigureAwait(false);
        await _probe.DisposeAsync().ConfigureAwait(false);
        await _links.DisposeAsync().ConfigureAwait(false);
    }

    private static void Fail(PendingCall call, long generation, Exception exception)
    {
        if (call.TryFinish(generation))
        {
            call.SetException(exception);
        }
    }

    private async Task<CallLink> OpenLinkAsync(TransportClosure? last, CancellationToken cancellationToken)
    {
        ITransportConnection connection = await _connections.GetAsync(cancellationToken).ConfigureAwait(false);
        string replyTo = WireNames.CallbackQueuePrefix + Environment.Random.NextBits().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        return await CallLink.OpenAsync(this, connection, replyTo, cancellationToken).ConfigureAwait(false);
    }

    private async Task SubmitIfServedAsync(PendingCall call, long generation, RpcMethod method, ServiceAddress service)
    {
        QueueReport report = await _probe.InspectAsync(service.Queue).ConfigureAwait(false);
        if (report is { IsKnown: true, State.Consumers: 0 })
        {
            Fail(call, generation, new RpcUnavailableException(
                $"'{method.Name}' was not sent: {report.Describe(service.Queue)} on {_broker}. Start a server for it, or call without FailFast to wait for one.",
                service.Queue));
        }
        else
        {
            Enqueue(call, generation);
        }
    }

    private void Enqueue(PendingCall call, long generation)
    {
        if (call.TryMove(generation, CallStage.Preparing, CallStage.Waiting))
        {
            TrySend(call, generation);
        }
    }

    private void SendWaiting()
    {
        Interlocked.MemoryBarrier(); // the way is open, then the table is read; callers write the table, then look for the way
        foreach (PendingCall call in Table.Snapshot())
        {
            (long generation, CallStage stage) = call.Current;
            if (stage == CallStage.Waiting)
            {
                TrySend(call, generation);
            }
        }
    }

    /// <summary>Sends a waiting call if there is a way; else it waits for <see cref="SendWaiting"/>.</summary>
    private void TrySend(PendingCall call, long generation)
    {
        if (_links.Current is not { IsReady: true } link || !call.TryHold(generation))
        {
            return;
        }

        if (!call.TryMove(generation, CallStage.Waiting, CallStage.Sending))
        {
            call.Release(); // another thread sends it, or it has its outcome
            return;
        }

        call.Link = link;
        if (!call.TryMove(generation, CallStage.Sending, CallStage.Sent))
        {
            call.Release(); // it has its outcome already
            return;
        }

        ValueTask publishing;
        try
        {
            publishing = link.PublishAsync(CreateRequest(call, link));
        }
        catch (TransportClosedException e)
        {
            publishing = ValueTask.FromException(e);
        }

        if (publishing.IsCompletedSuccessfully)
        {
            publishing.GetAwaiter().GetResult();
            AfterPublish(call, generation, link);
        }
        else
        {
            _ = AwaitPublishAsync(publishing, call, generation, link);
        }
    }

    private OutgoingMessage CreateRequest(PendingCall call, CallLink link) => new()
    {
        Exchange = "",
        RoutingKey = call.Service.Queue,
        IsMandatory = true,
        ContentType = WireNames.Json,
        Type = call.Service.BodyStyle == RpcBodyStyle.Bare ? null : call.Method.Name,
        CorrelationId = call.Id,
        ReplyTo = link.ReplyTo,
        Expiration = RemainingMilliseconds(call.Deadline),
        Timestamp = Environment.Time.GetUtcNow().ToUnixTimeSeconds(),
        Body = call.Body.Written,
    };

    /// <summary>What remains until a deadline, rounded up, at least 1; 0 for no deadline.</summary>
    private long RemainingMilliseconds(long deadline)
    {
        if (deadline == long.MaxValue)
        {
            return 0;
        }

        TimeSpan remaining = Environment.Time.GetElapsedTime(Environment.Time.GetTimestamp(), deadline);
        return Math.Max(1, (long)Math.Ceiling(remaining.TotalMilliseconds));
    }

    private async Task AwaitPublishAsync(ValueTask publishing, PendingCall call, long generation, CallLink link)
    {
        try
        {
            await publishing.ConfigureAwait(false);
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            if (call.TryMove(generation, CallStage.Sent, CallStage.Waiting))
            {
                TrySend(call, generation);
            }
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException or OperationCanceledException)
        {
            OnLost(call, generation, e.Message);
        }
#pragma warning disable CA1031 // Whatever else a transport throws must end the call, not vanish.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(call, generation, new RpcConnectionException($"'{call.Method.Name}' could not be sent to {_broker}: {e.Message} Its outcome is unknown.", e));
        }

        AfterPublish(call, generation, link);
    }

    private void AfterPublish(PendingCall call, long generation, CallLink link)
    {
        // The link's loss may have been handled before this call was marked as sent on it.
        if (link.Closed.IsCompleted && call.Link == link)
        {
            OnLost(call, generation, link.Closed.Result.Reason);
        }

        call.Release();
    }

    private void OnLost(CallLink link, TransportClosure closure)
    {
        foreach (PendingCall call in Table.Snapshot())
        {
            (long generation, CallStage stage) = call.Current;
            if (stage == CallStage.Sent && call.Link == link)
            {
                OnLost(call, generation, closure.Reason);
            }
        }
    }

    private void OnLost(PendingCall call, long generation, string reason)
    {
        if (!call.Method.IsIdempotent)
        {
            var exception = new RpcConnectionException(
                $"The connection to {_broker} was lost while '{call.Method.Name}' (call {call.Id}) was under way: {reason}. " +
                "Its outcome is unknown: it may have run and may still run. Methods marked [RpcIdempotent] are sent again instead.");
            if (call.TryMove(generation, CallStage.Sent, CallStage.Done))
            {
                call.SetException(exception);
            }
        }
        else if (call.TryMove(generation, CallStage.Sent, CallStage.Waiting))
        {
            RpcMetrics.CallsResent.Add(1);
            TrySend(call, generation);
        }
    }

    private bool TryFind(string? correlationId, out PendingCall call, out long generation)
    {
        if (CorrelationId.TryParseNumber(correlationId, out ulong id))
        {
            (int slot, generation) = PendingCall.Unpack(Cipher.Decrypt(id));
            if (Table.Find(slot) is { } found)
            {
                call = found;
                return true;
            }
        }

        call = null!;
        generation = 0;
        return false;
    }
}
