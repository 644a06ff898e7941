using System.Runtime.CompilerServices;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server.Replying;

/// <summary>
/// Publishes replies on the channel that their requests came in on, so that a reply reaches the broker before the
/// acknowledgement of its request. Thread-safe.
/// </summary>
/// <param name="channel">The channel.</param>
/// <param name="environment">The log.</param>
/// <param name="queue">The request queue, for the log.</param>
/// <param name="exchange">The exchange for replies; empty for the default exchange.</param>
/// <param name="limit">The broker's limit for replies; null if none is known.</param>
/// <param name="confirmsAreFree">Whether publisher confirms cost nothing on the request queue.</param>
internal sealed class ReplySender(ITransportChannel channel, RpcEnvironment environment, string queue, string exchange, MessageLimit? limit = null, bool confirmsAreFree = false)
{
    /// <summary>The latest large replies.</summary>
    public LargeReplies Large { get; } = new();

    /// <summary>How many bytes of replies can share a message: with one more reply it can be twice as large.</summary>
    public int MaxBatchBytes => Math.Min(BatchReplies.MaxBytes, (limit?.MaxBytes ?? int.MaxValue) / 2);

    /// <summary>Sends a reply in a message of its own. Never throws.</summary>
    /// <returns>False if it could not be sent: the broker keeps the request for another server.</returns>
    public ValueTask<bool> SendAsync(in CallReply reply, BatchHint hint)
    {
        Large.Add(reply.Delivery.ReplyTo!, reply.Id, reply.Body.Length);
        return PublishAsync(
            new OutgoingMessage
            {
                Exchange = exchange,
                RoutingKey = reply.Delivery.ReplyTo!,
                ContentType = ContentTypeOf(in reply, hint),
                Type = reply.IsFault ? WireNames.Fault : null,
                CorrelationId = reply.Id,
                Headers = reply.Headers,
                Body = reply.Body,
            },
            CancellationToken.None);
    }

    /// <summary>Sends a fault to a caller whose delivery is no longer at hand. Never throws.</summary>
    public ValueTask<bool> SendFaultAsync(string replyTo, CorrelationId id, ReadOnlyMemory<byte> problem, CancellationToken cancellationToken) => PublishAsync(
        new OutgoingMessage
        {
            Exchange = exchange,
            RoutingKey = replyTo,
            ContentType = WireNames.ProblemJson,
            Type = WireNames.Fault,
            CorrelationId = id,
            Body = problem,
        },
        cancellationToken);

    /// <summary>
    /// Sends a request back to its caller. The broker returns the message if the callback queue is gone, because the caller is gone too.
    /// Never throws.
    /// </summary>
    /// <returns>False if it could not be sent.</returns>
    public ValueTask<bool> SendBackAsync(string replyTo, CorrelationId id, bool mayHaveRun) => PublishAsync(
        new OutgoingMessage
        {
            Exchange = exchange,
            RoutingKey = replyTo,
            IsMandatory = true,
            ContentType = mayHaveRun ? null : WireNames.Json,
            Type = WireNames.Again,
            CorrelationId = id,
            Body = mayHaveRun ? default : AgainMessages.NotRun,
        },
        CancellationToken.None);

    /// <summary>Sends calls that have ended to a peer that watches. Never throws.</summary>
    /// <returns>False if they could not be sent.</returns>
    public ValueTask<bool> SendEventsAsync(string replyTo, CorrelationId id, ReadOnlyMemory<byte> events) => PublishAsync(
        new OutgoingMessage
        {
            Exchange = exchange,
            RoutingKey = replyTo,
            ContentType = WireNames.Json,
            Type = WireNames.Events,
            CorrelationId = id,
            Body = events,
        },
        CancellationToken.None);

    /// <summary>Completes when the channel is closed: nothing can be sent any more.</summary>
    public Task Closed => channel.Closed;

    /// <summary>Whether the channel is open, as far as is known.</summary>
    public bool IsOpen => channel.IsOpen;

    /// <summary>Sends a message with several replies. Never throws.</summary>
    /// <returns>False if it could not be sent.</returns>
    public ValueTask<bool> SendBatchAsync(string replyTo, CorrelationId batchId, ReadOnlyMemory<byte> replies) => PublishAsync(
        new OutgoingMessage
        {
            Exchange = exchange,
            RoutingKey = replyTo,
            ContentType = WireNames.BatchEnvelope,
            Type = WireNames.Batch,
            CorrelationId = batchId,
            Body = replies,
        },
        CancellationToken.None);

    private string? ContentTypeOf(in CallReply reply, BatchHint hint) =>
        confirmsAreFree && AgainMessages.IsUnderstoodAt(reply.Delivery.ReplyTo) ? (reply.IsFault ? ConfirmHints.ProblemJson(hint) : ConfirmHints.Json(hint))
        : reply.IsFault ? BatchHints.ProblemJson(hint)
        : reply.Body.IsEmpty && hint == BatchHint.None ? null
        : BatchHints.Json(hint);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> PublishAsync(OutgoingMessage reply, CancellationToken cancellationToken)
    {
        try
        {
            await channel.PublishAsync(in reply, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException or OperationCanceledException)
        {
            Log.ReplyNotSent(environment.Log, queue, reply.CorrelationId.ToString(), e.Message);
            return false;
        }
        catch (ArgumentException e) when (reply.Headers is not null)
        {
            return await RefuseHeadersAsync(reply, e.Message).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The address or id cannot be encoded, for example text that is too long. No other server could answer it either.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RpcMetrics.RequestsDropped.Add(1, RpcMetrics.Reason(TelemetryNames.Unanswerable));
            Log.RequestDropped(environment.Log, queue, reply.Type, reply.CorrelationId.ToString(), e.Message);
            return true;
        }
    }

    /// <summary>The metadata of a reply cannot be sent, for example because the broker takes only small frames: its caller is told.</summary>
    private async ValueTask<bool> RefuseHeadersAsync(OutgoingMessage reply, string reason)
    {
        Log.ReplyReplaced(environment.Log, queue, reply.Type, reply.CorrelationId.ToString(), FaultCodes.ResultTooLarge, reason);
        RpcMetrics.RepliesRefused.Add(1, RpcMetrics.StatusCode(FaultCodes.ResultTooLarge));
        var problem = new PooledBuffer();
        try
        {
            FaultWriter.Write(problem, FaultCodes.ResultTooLarge, "The reply is too large.", $"The reply's metadata cannot be sent: {reason}");
            return await SendFaultAsync(reply.RoutingKey, reply.CorrelationId, problem.Written, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            problem.Release();
        }
    }
}
