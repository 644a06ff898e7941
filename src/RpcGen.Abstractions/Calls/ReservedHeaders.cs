using System.Text;

namespace RpcGen;

/// <summary>Headers that mean something to the protocol, to tracing or to the broker, and are no one's metadata.</summary>
internal static class ReservedHeaders
{
    /// <summary>W3C Trace Context: the caller's span.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>W3C Trace Context: what tracing systems add to it.</summary>
    public const string TraceState = "tracestate";

    /// <summary>W3C Baggage.</summary>
    public const string Baggage = "baggage";

    /// <summary>Before the names of the protocol's own headers.</summary>
    public const string ProtocolPrefix = "rpcgen-";

    private const int MaxNameBytes = byte.MaxValue;

    /// <summary>Whether a header is no metadata.</summary>
    public static bool Contains(string name) =>
        Is(name, TraceParent) || Is(name, TraceState) || Is(name, Baggage)
        || Is(name, "CC") || Is(name, "BCC") // RabbitMQ sends copies to the queues that these name
        || StartsWith(name, "x-") // RabbitMQ's own, x-death among them
        || StartsWith(name, ProtocolPrefix);

    /// <exception cref="ArgumentException">The name can't be that of an entry of metadata.</exception>
    public static void ThrowIfUnfit(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Contains(name))
        {
            throw new ArgumentException(
                $"'{name}' can't name metadata: {TraceParent}, {TraceState}, {Baggage}, CC, BCC and what starts with 'x-' or '{ProtocolPrefix}' are reserved for tracing, the broker and the protocol.",
                nameof(name));
        }

        if (name.Length > MaxNameBytes / 4 && Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
        {
            throw new ArgumentException($"The name of metadata takes at most {MaxNameBytes} bytes: '{name[..40]}…' has more.", nameof(name));
        }
    }

    private static bool Is(string name, string reserved) => name.Equals(reserved, StringComparison.OrdinalIgnoreCase);

    private static bool StartsWith(string name, string prefix) => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
}
