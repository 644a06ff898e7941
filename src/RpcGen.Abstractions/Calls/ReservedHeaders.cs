using System.Text;

namespace RpcGen;

/// <summary>Headers of the protocol, of tracing and of the broker. They are not metadata.</summary>
internal static class ReservedHeaders
{
    /// <summary>W3C Trace Context: the caller's span.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>W3C Trace Context: data of tracing systems.</summary>
    public const string TraceState = "tracestate";

    /// <summary>W3C Baggage.</summary>
    public const string Baggage = "baggage";

    /// <summary>The prefix of the protocol's own headers.</summary>
    public const string ProtocolPrefix = "rpcgen-";

    private const int MaxNameBytes = byte.MaxValue;

    /// <summary>Whether a name is reserved.</summary>
    public static bool Contains(string name) =>
        Is(name, TraceParent) || Is(name, TraceState) || Is(name, Baggage)
        || Is(name, "CC") || Is(name, "BCC") // RabbitMQ sends copies of the message to the queues that these headers name
        || StartsWith(name, "x-") // RabbitMQ's own headers, such as x-death
        || StartsWith(name, ProtocolPrefix);

    /// <exception cref="ArgumentException">The name cannot be used for metadata.</exception>
    public static void ThrowIfUnfit(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Contains(name))
        {
            throw new ArgumentException(
                $"'{name}' can't be a name of metadata: {TraceParent}, {TraceState}, {Baggage}, CC, BCC and names that start with 'x-' or '{ProtocolPrefix}' are reserved for tracing, the broker and the protocol.",
                nameof(name));
        }

        if (name.Length > MaxNameBytes / 4 && Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
        {
            throw new ArgumentException($"A name of metadata can have at most {MaxNameBytes} UTF-8 bytes: '{name[..40]}…' has more.", nameof(name));
        }
    }

    private static bool Is(string name, string reserved) => name.Equals(reserved, StringComparison.OrdinalIgnoreCase);

    private static bool StartsWith(string name, string prefix) => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
}
