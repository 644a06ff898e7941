using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// Sends waiting calls: at once if there is a link, otherwise when one opens. It decides nothing about failures: these
/// go to the call as events. Thread-safe.
/// </summary>
internal sealed class CallSender(CallLinks links, SlotTable<PendingMessage> table, TimeProvider time, bool sendsUser, ICallSender sentBack, OverdueWatch overdue) : ICallSender
{
    /// <summary>The pause before a returned call, one-way calls included, is sent again: its server may have to declare the queue again first.</summary>
    public static readonly TimeSpan ResendPause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Sends a waiting call if there is a link, and its exchange is known to take messages. Otherwise it waits for
    /// <see cref="SendWaiting"/>.
    /// </summary>
    public void TrySend(PendingCall call, long generation)
    {
        if (call.IsSentBack)
        {
            sentBack.TrySend(call, generation);
            return;
        }

        if (OversizedCalls.TryEndWaiting(call, generation, links.MessageLimit.MaxBytes) ||
            links.Current is not { IsReady: true } link || !link.Exchanges.TryFind(call.Route.Exchange, out TransportRefusedException? refusal))
        {
            return;
        }

        if (refusal is not null)
        {
            call.OnRefused(generation, link, refusal);
            return;
        }

        long now = time.GetTimestamp();
        overdue.Look(now);
        RequestChannel channel = link.ChannelFor(call.Confirms);
        if (call.TryTake(generation, link, channel.Begin(now), call.Id))
        {
            RequestPublisher.Publish(call, generation, CreateRequest(call, link, now), link, channel, call.Observation?.Span);
        }
        else
        {
            channel.Order.End();
        }
    }

    /// <summary>Sends the calls that wait for a link. Called when one opens, or takes messages again.</summary>
    public void SendWaiting()
    {
        // Two sides race: this thread published the link and now reads the table; callers write the table and then look for
        // the link. With a barrier on each side (a caller's is its compare-exchange) at least one of them sends the call.
        Interlocked.MemoryBarrier();
        foreach (PendingMessage message in table.Snapshot())
        {
            (long generation, CallStage stage) = message.Current;
            if (stage == CallStage.Waiting && message is PendingCall call)
            {
                TrySend(call, generation);
            }
        }
    }

    /// <summary>Sends a call that certainly was not sent on <paramref name="link"/>.</summary>
    public void ResendUnsent(PendingCall call, long generation, CallLink link)
    {
        if (call.TryTakeBack(generation, link))
        {
            SendOnNewLink(link, call, generation);
        }
    }

    /// <summary>Sends a waiting call, unless the current link is still the one that failed: then the next one sends it.</summary>
    /// <remarks>A link can fail before it is known as closed. Sending on it again would fail again.</remarks>
    public void SendOnNewLink(CallLink failed, PendingCall call, long generation)
    {
        if (links.Current != failed)
        {
            TrySend(call, generation);
        }
    }

    /// <summary>Sends a call by itself that a server could not read as a part of a batch on <paramref name="link"/>. It has not run.</summary>
    public void ResendWithoutBatch(PendingCall call, long generation, CallLink link)
    {
        if (call.TryTakeBack(generation, link, isAlone: true))
        {
            TrySend(call, generation);
        }
    }

    /// <summary>Sends a call again after a pause. An earlier attempt may have arrived.</summary>
    public async Task SendAgainAfterPauseAsync(PendingCall call, long generation)
    {
        if (call.TryMove(generation, CallStage.Sent, CallStage.Waiting))
        {
            await Task.Delay(ResendPause, time).ConfigureAwait(false);
            TrySend(call, generation);
        }
    }

    private OutgoingMessage CreateRequest(PendingCall call, CallLink link, long now) => new()
    {
        Exchange = call.Route.Exchange,
        RoutingKey = call.Route.RoutingKey,
        IsMandatory = true,
        IsPersistent = call.Method.IsDurable,
        Priority = call.Priority,
        ContentType = BatchHints.Json(call.Batching is null ? BatchHint.None : BatchHint.Batchable),
        Type = call.Route.TypeOf(call.Method.Name),
        CorrelationId = call.Id,
        ReplyTo = link.ReplyTo,
        Expiration = call.RemainingMilliseconds(now),
        Timestamp = time.GetUtcNow().ToUnixTimeSeconds(),
        UserId = sendsUser ? link.UserName : null,
        Headers = RequestHeaders.Create(call.Headers, call.TraceParent),
        Body = call.Body.Written,
    };
}
