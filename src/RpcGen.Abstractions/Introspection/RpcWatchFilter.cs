namespace RpcGen;

/// <summary>Which calls to watch. The instances apply it, so other calls cost no messages. Immutable.</summary>
public sealed class RpcWatchFilter
{
    /// <summary>The only method to watch, by its wire name; null for all.</summary>
    public string? Method { get; init; }

    /// <summary>Whether calls that succeeded are left out.</summary>
    public bool OnlyFailures { get; init; }

    /// <summary>The only trace to watch (W3C Trace Context, 32 lower-case hexadecimal digits); null for all.</summary>
    public string? TraceId { get; init; }
}
