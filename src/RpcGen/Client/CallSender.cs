using RpcGen.Diagnostics;
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
        if (call.TryMove(generation, CallStage.Preparing, CallStage.Waiting))
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
    private void TrySend(PendingCall call, long generation)
    {
        if (_currentLink() is not { IsReady: true } link || !call.TryHold(generation))
        {
            return;
        }

        if (!call.TryMove(generation, CallStage.Waiting, CallStage.Sending))
        {
            call.Release(); // another thread sends it, or it has its outcome
            return;
        }

        call.Link = link;
        call.Sendings++;
        if (!call.TryMove(generation, CallStage.Sending, CallStage.Sent))
        {
            call.Release(); // it has its outcome already
            return;
        }

        ValueTask publishing;
        try
        {
            using (RpcTracing.Enter(call.Observation?.Span))
            {
                publishing = link.PublishAsync(CreateRequest(call, link));
            }
        }
#pragma warning disable CA1031 // Whatever it is, it ends this call; headers may be larger than the broker's frames.
        catch (Exception e)
#pragma warning restore CA1031
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
        Expiration = call.RemainingMilliseconds(),
        Timestamp = _time.GetUtcNow().ToUnixTimeSeconds(),
        Priority = call.Method.Priority,
        UserId = _userId,
        Headers = RequestHeaders.Create(call.Headers, call.TraceParent),
        Body = call.Body.Written,
    };

    private async Task AwaitPublishAsync(ValueTask publishing, PendingCall call, long generation, CallLink link)
    {
        try
        {
            await publishing.ConfigureAwait(false);
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            call.Sendings--;

            // On this link nothing can be sent, though it may not be known as closed yet: the next one sends what waits.
            if (call.TryMove(generation, CallStage.Sent, CallStage.Waiting) && _currentLink() != link)
            {
                TrySend(call, generation);
            }

            call.Release();
            return;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException or OperationCanceledException)
        {
            OnLost(call, generation, e.Message);
        }
#pragma warning disable CA1031 // Whatever else a transport throws must end the call, not vanish.
        catch (Exception e)
#pragma warning restore CA1031
        {
            call.TryFail(generation, new RpcConnectionException($"'{call.Method.Name}' could not be sent to {_broker}: {e.Message} Its outcome is unknown.", e));
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

    /// <summary>A way is lost: what was sent on it has an unknown outcome.</summary>
    public void OnLost(CallLink link, TransportClosure closure)
    {
        foreach (PendingCall call in _table.Snapshot())
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
}
