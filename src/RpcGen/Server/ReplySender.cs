using System.Runtime.CompilerServices;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>Publishes replies on the channel that their requests came in on. Thread-safe.</summary>
internal sealed class ReplySender(ITransportChannel channel, RpcEnvironment environment, string queue)
{
    /// <summary>Sends a reply; false where the broker keeps the request for another server. Never throws.</summary>
    /// <param name="replyTo">Where to.</param>
    /// <param name="id">The request's <c>correlation_id</c>.</param>
    /// <param name="body">The result or problem; empty for a method without result.</param>
    /// <param name="disposition">Which of these it is.</param>
    /// <param name="answer">Whether the method's calls may share messages, for a client that asks; else <see cref="BatchAnswer.None"/>.</param>
    /// <param name="headers">The reply's headers; null for none.</param>
    /// <param name="cancellationToken">Ends a publish that hangs.</param>
    public ValueTask<bool> SendAsync(
        string replyTo,
        CorrelationId id,
        ReadOnlyMemory<byte> body,
        Disposition disposition,
        BatchAnswer answer,
        IReadOnlyDictionary<string, object?>? headers = null,
        CancellationToken cancellationToken = default)
    {
        bool isFault = disposition == Disposition.Faulted;
        return PublishAsync(
            new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = replyTo,
                ContentType = isFault ? ProblemType(answer) : ResultType(answer, body.IsEmpty),
                Type = isFault ? WireNames.Fault : null,
                CorrelationId = id,
                Headers = headers,
                Body = body,
            },
            cancellationToken);
    }

    /// <summary>Sends replies that share a message.</summary>
    public ValueTask<bool> SendBatchAsync(string replyTo, CorrelationId id, ReadOnlyMemory<byte> body) => PublishAsync(
        new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = replyTo,
            ContentType = WireNames.Json,
            Type = WireNames.Batch,
            CorrelationId = id,
            Body = body,
        },
        CancellationToken.None);

    private static string ProblemType(BatchAnswer answer) => answer switch
    {
        BatchAnswer.Yes => WireNames.ProblemJson + WireNames.Batchable,
        BatchAnswer.No => WireNames.ProblemJson + WireNames.Unbatchable,
        _ => WireNames.ProblemJson,
    };

    private static string? ResultType(BatchAnswer answer, bool isEmpty) => answer switch
    {
        BatchAnswer.Yes => WireNames.Json + WireNames.Batchable,
        BatchAnswer.No => WireNames.Json + WireNames.Unbatchable,
        _ => isEmpty ? null : WireNames.Json,
    };

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
#pragma warning disable CA1031 // An address or id that can't be written (text that is longer once decoded): no server could answer it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RpcMetrics.RequestsDropped.Add(1, RpcMetrics.Reason(TelemetryNames.Unanswerable));
            Log.RequestDropped(environment.Log, queue, reply.Type, reply.CorrelationId.ToString(), e.Message);
            return true;
        }
    }
}

/// <summary>What a server says of a method's calls to a client that could let them share messages.</summary>
internal enum BatchAnswer
{
    /// <summary>Nothing: it was not asked.</summary>
    None,

    /// <summary>They may.</summary>
    Yes,

    /// <summary>They take too long.</summary>
    No,
}
