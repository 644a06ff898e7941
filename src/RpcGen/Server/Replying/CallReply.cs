using System.Diagnostics;
using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Server.Replying;

/// <summary>The reply to one call, before it is known which message carries it.</summary>
internal readonly struct CallReply
{
    /// <summary>The delivery that the call came in.</summary>
    public required Delivery Delivery { get; init; }

    /// <summary>The call's <c>correlation_id</c>.</summary>
    public required CorrelationId Id { get; init; }

    /// <summary>The result or problem; empty for a method without result. Valid until the write has completed.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether the body is a problem rather than a result.</summary>
    public required bool IsFault { get; init; }

    /// <summary>When the handler was started, as a timestamp of the clock; null if it was not.</summary>
    public long? StartedAt { get; init; }

    /// <summary>The reply's headers; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    /// <summary>The call's span; null if it is not recorded.</summary>
    public Activity? Span { get; init; }
}
