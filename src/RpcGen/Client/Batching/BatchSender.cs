using System.Diagnostics;
using System.Text.Json;
using RpcGen.Client.Calls;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Batching;

/// <summary>Writes calls into one message and publishes it. Thread-safe.</summary>
internal sealed class BatchSender(CallLinks links, TimeProvider time, bool sendsUser, OverdueWatch overdue)
{
    /// <summary>About the bytes of an entry without its body.</summary>
    private const int EntryOverhead = 64;

    /// <summary>
    /// Sends those calls of a batch that still wait, if there is a link. Otherwise they keep waiting: they are sent singly
    /// when a link opens.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="exchange">The exchange that all its calls go to.</param>
    /// <returns>Whether a message was sent.</returns>
    public bool TrySendBatch(PendingBatch batch, string exchange)
    {
        if (links.Current is not { IsReady: true } link || !link.Exchanges.TryFind(exchange, out TransportRefusedException? refusal))
        {
            return false;
        }

        if (refusal is not null)
        {
            foreach ((PendingCall call, long generation) in batch.Calls)
            {
                call.OnRefused(generation, link, refusal);
            }

            return false;
        }

        var envelope = new Envelope();
        long now = time.GetTimestamp();
        overdue.Look(now);
        RequestChannel channel = link.ChannelFor(batch.Calls[0].Call.Confirms); // all are of one queue
        SendTicket ticket = channel.Begin(now);
        foreach ((PendingCall call, long generation) in batch.Calls)
        {
            if (call.TryTake(generation, link, ticket, batch.NextId))
            {
                Write(batch, call, now, ref envelope);
                call.Unpin(); // from here on the object can be in use for another call
            }
        }

        if (envelope.Route is null)
        {
            channel.Order.End();
            return false; // every call has its outcome already
        }

        batch.Queue = envelope.Route.Queue;
        long use = batch.BeginSent(link, envelope.Deadline);
        RequestPublisher.Publish(batch, use, CreateRequest(batch, link, in envelope), link, channel, envelope.Span);
        return true;
    }

    private static void Write(PendingBatch batch, PendingCall call, long now, ref Envelope envelope)
    {
        call.BatchTicket = batch.Ticket;
        long remaining = call.RemainingMilliseconds(now);
        bool isFit = RequestHeaders.CanBatch(call.Headers);
        if (batch.Body.Length == 0)
        {
            // Once instead of bit by bit: calls of a batch are often alike.
            batch.Body.GetSpan(Math.Min(batch.Calls.Length * (call.Body.Length + EntryOverhead), RequestBatcher.MaxBytes + EntryOverhead));
        }

        JsonEncodedText method = call.Batching?.EncodedName ?? JsonEncodedText.Encode(call.Method.Name);
        BatchWriter.WriteRequest(batch.Body, call.Id, method, remaining, call.Body.Written.Span, call.TraceParent, isFit ? call.Headers : null);
        envelope.Route ??= call.Route;
        envelope.Span ??= call.Observation?.Span;
        envelope.Headers ??= isFit ? null : call.Headers;
        envelope.Priority = call.Priority;
        envelope.MayHaveRun |= call.TimesSentBack > 0;
        envelope.Expiration = Math.Max(envelope.Expiration, remaining);
        if (call.Deadline > envelope.Deadline.Timestamp)
        {
            envelope.Deadline = new CallDeadline(call.Timeout, call.Deadline);
        }
    }

    /// <summary>
    /// The message. Only a call that was sent back, and travels alone, has a priority, or headers that do not fit into an entry.
    /// </summary>
    private OutgoingMessage CreateRequest(PendingBatch batch, CallLink link, in Envelope envelope) => new()
    {
        Exchange = envelope.Route!.Exchange,
        RoutingKey = envelope.Route.RoutingKey,
        IsMandatory = true,
        Priority = envelope.Priority,
        ContentType = envelope.MayHaveRun ? WireNames.BatchEnvelope + WireNames.SentAgain : WireNames.BatchEnvelope,
        Type = WireNames.Batch,
        CorrelationId = batch.Id,
        ReplyTo = link.ReplyTo,
        Expiration = envelope.Expiration,
        Timestamp = time.GetUtcNow().ToUnixTimeSeconds(),
        UserId = sendsUser ? link.UserName : null,
        Headers = envelope.Headers,
        Body = batch.Body.Written,
    };

    /// <summary>Properties of the message that follow from its calls.</summary>
    private struct Envelope
    {
        /// <summary>The route, which all calls of a batcher have in common; null while no call was written.</summary>
        public RequestRoute? Route;

        /// <summary>The latest deadline of the calls.</summary>
        public CallDeadline Deadline;

        /// <summary>The longest budget of the calls in milliseconds.</summary>
        public long Expiration;

        /// <summary>The span of the first call that has one.</summary>
        public Activity? Span;

        /// <summary>The headers of a call that travels alone and has too many for an entry.</summary>
        public IReadOnlyDictionary<string, object?>? Headers;

        /// <summary>The priority of a call that travels alone.</summary>
        public byte Priority;

        /// <summary>Whether a server sent back a call that may have run.</summary>
        public bool MayHaveRun;
    }
}
