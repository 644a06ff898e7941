using System.Text;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server.Acknowledging;

/// <summary>Why a one-way request goes to the dead-letter queue.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Type">The method, as the request names it.</param>
/// <param name="Code">The code that a caller would have got.</param>
/// <param name="Text">The text that a caller would have got: without what the server does not disclose.</param>
internal readonly record struct DeadLetterReason(CorrelationId Id, string? Type, string Code, string Text);

/// <summary>Makes a dead letter of a request: the same message, with headers that say why.</summary>
internal static class DeadLetterMessage
{
    /// <summary>Headers must fit into one frame, which has 128 KiB by default, together with the reason.</summary>
    private const int MaxHeaderBytes = 64 * 1024;

    private const int MaxTextLength = 4096;

    /// <summary>Why a request cannot be passed on unchanged; null if it can.</summary>
    public static string? DescribeProblem(Delivery delivery) =>
        delivery.Tag == 0 ? "it is a broadcast, which has no queue to return to."
        : delivery.IsUnreadable ? "it cannot be read."
        : delivery.Body.Length != delivery.BodyLength ? "its body exceeds MaxMessageBytes."
        : delivery.ContentEncoding is { Length: > 0 } ? "it has a content encoding."
        : delivery.Headers?.Any(header => IsKept(header.Key) && SizeOf(header.Value) is null) == true ? "its headers contain lists, tables or other types that RpcGen does not send."
        : delivery.Headers?.Sum(header => header.Key.Length + (SizeOf(header.Value) ?? 0L)) > MaxHeaderBytes ? "its headers are too large."
        : null;

    /// <summary>The message. It is persistent, does not expire, and has no broker user: only its sender could claim it.</summary>
    public static OutgoingMessage Create(string deadLetterQueue, string queue, Delivery delivery, DeadLetterReason reason, DateTimeOffset now)
    {
        Dictionary<string, object?> headers = delivery.Headers?.Where(header => IsKept(header.Key)).ToDictionary(StringComparer.Ordinal) ?? new(StringComparer.Ordinal);
        headers[WireNames.DeadQueue] = queue;
        headers[WireNames.DeadCode] = reason.Code;
        headers[WireNames.DeadReason] = reason.Text.Length <= MaxTextLength ? reason.Text : reason.Text[..MaxTextLength];
        headers[WireNames.DeadTime] = now.ToUnixTimeSeconds();
        return new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = deadLetterQueue,
            IsMandatory = true,
            IsPersistent = true,
            Priority = delivery.Priority,
            ContentType = delivery.ContentType,
            Type = reason.Type,
            CorrelationId = reason.Id,
            Timestamp = delivery.Timestamp,
            Headers = headers,
            Body = delivery.Body.Written,
        };
    }

    /// <summary>Metadata and trace context. The broker would add its own headers again, and would send copies to the queues that CC and BCC name.</summary>
    private static bool IsKept(string header) =>
        !ReservedHeaders.Contains(header) || header is ReservedHeaders.TraceParent or ReservedHeaders.TraceState or ReservedHeaders.Baggage;

    /// <summary>The size of a value; null for a type that is not sent.</summary>
    private static int? SizeOf(object? value) => value switch
    {
        null or bool or int or long or double => sizeof(long),
        string text => Encoding.UTF8.GetByteCount(text),
        byte[] bytes => bytes.Length,
        _ => null,
    };
}
