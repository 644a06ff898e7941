using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// Gets calls on their way: at once where there is one, else when it opens, and again where it was lost and the method
/// allows that.
/// </summary>
internal sealed class CallSender
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string _broker;
    private readonly Func<CallLink?> _currentLink;
    private readonly PendingCallTable _table;
    private readonly TimeProvider _time;
    private readonly string? _userId;

    public CallSender(string broker, Func<CallLink?> currentLink, PendingCallTable table, TimeProvider time, string? userId)
    {
        _broker = broker;
        _currentLink = currentLink;
        _table = table;
        _time = time;
        _userId = userId;
    }

    /// <summary>Sends a prepared call, now or as soon as there is a way.</summary>
    public void Enqueue(PendingCall call, long generation)
    {
        if (!call.TryMove(generation, CallStage.Preparing, CallStage.Waiting))
        {
            return; // it has its outcome already
        }

        if (CanShare(call) && call.Batched is { MayShare: true } batched && call.Body.Length <= CallLane.MaxBodyBytes)
        {
            batched.Lane.Enter(call, generation);
        }
        else
        {
            TrySend(call, generation);
        }
    }

    /// <summary>Sends a call again after a moment, for which the server that it was meant for may need to be there again.</summary>
    public async Task SendAgainAsync(PendingCall call, long generation)
    {
        if (call.TryMove(generation, CallStage.Sent, CallStage.Waiting))
        {
            await Task.Delay(Pause, _time).ConfigureAwait(false);
            TrySend(call, generation);
        }
    }

    /// <summary>There is a way: sends what waits for one.</summary>
    public void SendWaiting()
    {
        Interlocked.MemoryBarrier(); // the way is open, then the table is read; callers write the table, then look for the way
        foreach (PendingCall call in _table.Snapshot())
        {
            (long generation, CallStage stage) = call.Current;
            if (stage == CallStage.Waiting)
            {
                TrySend(call, generation);
            }
        }
    }

    /// <summary>Sends a waiting call if there is a way; else it waits for <see cref="SendWaiting"/>.</summary>
    public void TrySend(PendingCall call, long generation)
    {
        if (_currentLink() is not { IsReady: true } link || !TryTake(call, generation, link))
        {
            return;
        }

        ValueTask publishing = Publish(CreateRequest(call, link), link, call.Observation?.Span);
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

    /// <summary>Sends calls in one message, those of them that still wait, if there is a way; else they wait for <see cref="SendWaiting"/>.</summary>
    /// <returns>Whether the message is on its way.</returns>
    public bool TrySendBatch(PendingBatch batch)
    {
        if (_currentLink() is not { IsReady: true } link)
        {
            return false;
        }

        RpcMethod? method = null;
        ServiceAddress? service = null;
        Activity? span = null;
        long budget = 0;
        TimeSpan timeout = default;
        long deadline = 0;
        foreach ((PendingCall call, long generation) in batch.Calls)
        {
            if (TryTake(call, generation, link))
            {
                method ??= call.Method; // read while it is held: once released, its object may be another call's
                service ??= call.Service;
                call.Turn = batch.Turn;
                long remaining = call.RemainingMilliseconds();
                budget = Math.Max(budget, remaining);
                deadline = Math.Max(deadline, call.Deadline);
                timeout = call.Timeout > timeout ? call.Timeout : timeout;
                BatchWriter.WriteRequest(batch.Body, call.Id, call.Batched!.Name, remaining, call.Body.Written.Span, call.TraceParent);
                span ??= call.Observation?.Span;
                call.Release();
            }
        }

        if (method is null)
        {
            return false;
        }

        BatchWriter.End(batch.Body);
        long turn = batch.Turn;
        long use = batch.Begin(method, service!, timeout, deadline);
        batch.Turn = turn;
        batch.WatchDeadline();
        batch.Link = link;
        batch.Sendings = 1;
        batch.TryHold(use);
        batch.TryMove(use, CallStage.Preparing, CallStage.Sent);
        ValueTask publishing = Publish(CreateRequest(batch, link, WireNames.Batch, WireNames.Json, budget), link, span);
        if (publishing.IsCompletedSuccessfully)
        {
            publishing.GetAwaiter().GetResult();
            AfterPublish(batch, use, link);
        }
        else
        {
            _ = AwaitPublishAsync(publishing, batch, use, link);
        }

        return true;
    }

    /// <summary>A batch has been sent to a server that can't read it: nothing has run, its calls travel singly.</summary>
    public void SendSingly(PendingBatch batch)
    {
        foreach ((PendingCall call, long generation) in batch.Calls)
        {
            Unsend(call, generation, link: null);
        }
    }

    /// <summary>Whether nothing but arguments and a trace goes with it: an entry of a batch has no more.</summary>
    private bool CanShare(PendingCall call) => call.Headers is null && _userId is null;

    /// <summary>Takes a waiting call for sending, held; false where another thread sends it, or it has its outcome.</summary>
    private static bool TryTake(PendingCall call, long generation, CallLink link)
    {
        if (!call.TryHold(generation))
        {
            return false;
        }

        if (call.TryMove(generation, CallStage.Waiting, CallStage.Sending))
        {
            call.Link = link;
            call.Sendings++;
            if (call.TryMove(generation, CallStage.Sending, CallStage.Sent))
            {
                return true;
            }
        }

        call.Release();
        return false;
    }

    /// <param name="message">What is published.</param>
    /// <param name="link">Where.</param>
    /// <param name="span">Whose child the client library's own span is, should anybody want that.</param>
    private static ValueTask Publish(in OutgoingMessage message, CallLink link, Activity? span)
    {
        try
        {
            using (RpcTracing.Enter(span))
            {
                return link.PublishAsync(in message);
            }
        }
#pragma warning disable CA1031 // Whatever it is, it ends this call; headers may be larger than the broker's frames.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    private OutgoingMessage CreateRequest(PendingCall call, CallLink link) => CreateRequest(
        call,
        link,
        call.Service.BodyStyle == RpcBodyStyle.Bare ? null : call.Method.Name,
        call.Batched is null ? WireNames.Json : WireNames.Json + WireNames.Batchable,
        call.RemainingMilliseconds());

    private OutgoingMessage CreateRequest(PendingCall call, CallLink link, string? type, string contentType, long budget) => new()
    {
        Exchange = "",
        RoutingKey = call.Service.Queue,
        IsMandatory = true,
        IsPersistent = call.Method.IsDurable,
        Priority = call.Priority,
        ContentType = contentType,
        Type = type,
        CorrelationId = call.Id,
        ReplyTo = link.ReplyTo,
        Expiration = budget,
        Timestamp = _time.GetUtcNow().ToUnixTimeSeconds(),
        UserId = _userId,
        Headers = RequestHeaders.Create(call.Headers, call.TraceParent),
        Body = call.Body.Written,
    };

    private async Task AwaitPublishAsync(ValueTask publishing, PendingCall message, long generation, CallLink link)
    {
        try
        {
            await publishing.ConfigureAwait(false);
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            ForEachCall(message, generation, (call, use) => Unsend(call, use, link));
            (message as PendingBatch)?.TryFinishUse(generation);
            message.Release();
            return;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException or OperationCanceledException)
        {
            ForEachCall(message, generation, (call, use) => OnLost(call, use, e.Message));
        }
#pragma warning disable CA1031 // Whatever else a transport throws must end the call, not vanish.
        catch (Exception e)
#pragma warning restore CA1031
        {
            ForEachCall(message, generation, (call, use) => call.TryFail(
                use, new RpcConnectionException($"'{call.Method.Name}' could not be sent to {_broker}: {e.Message} Its outcome is unknown.", e)));
        }

        AfterPublish(message, generation, link);
    }

    private void AfterPublish(PendingCall message, long generation, CallLink link)
    {
        // The link's loss may have been handled before this message was marked as sent on it.
        if (link.Closed.IsCompleted)
        {
            LoseIfOn(link, message, generation);
        }

        message.Release();
    }

    private void LoseIfOn(CallLink link, PendingCall message, long generation)
    {
        ForEachCall(message, generation, (call, use) =>
        {
            if (call.Link == link)
            {
                OnLost(call, use, link.Closed.Result.Reason);
            }
        });
        (message as PendingBatch)?.TryFinishUse(generation);
    }

    /// <summary>What becomes of a message becomes of every call in it.</summary>
    private static void ForEachCall(PendingCall message, long generation, Action<PendingCall, long> action)
    {
        if (message is not PendingBatch batch)
        {
            action(message, generation);
            return;
        }

        foreach ((PendingCall call, long use) in batch.Calls)
        {
            action(call, use);
        }
    }

    /// <summary>
    /// A call was not sent after all. If that was for its link, nothing can be sent on it, though it may not be known as
    /// closed yet: the next one sends what waits.
    /// </summary>
    private void Unsend(PendingCall call, long generation, CallLink? link)
    {
        if (call.TryHold(generation))
        {
            call.Sendings--;
            if (call.TryMove(generation, CallStage.Sent, CallStage.Waiting) && _currentLink() != link)
            {
                TrySend(call, generation);
            }

            call.Release();
        }
    }

    /// <summary>A way is lost: what was sent on it has an unknown outcome.</summary>
    public void OnLost(CallLink link, TransportClosure closure)
    {
        foreach (PendingCall call in _table.Snapshot())
        {
            (long generation, CallStage stage) = call.Current;
            if (stage == CallStage.Sent && call.Link == link)
            {
                if (call is PendingBatch batch)
                {
                    batch.TryFinishUse(generation); // its calls come by themselves
                }
                else
                {
                    OnLost(call, generation, closure.Reason);
                }
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
}
