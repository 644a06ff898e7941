namespace RpcGen;

/// <summary>What a contract would say of the method that <see cref="RpcDynamicClient"/> calls, and the streams of the call. Immutable.</summary>
public sealed class RpcDynamicCallOptions
{
    /// <summary>The settings of the call. Default: none.</summary>
    public RpcCallOptions Call { get; init; } = new();

    /// <summary>How often the call can run where it is in doubt. Default: <see cref="RpcDelivery.AtLeastOnce"/>, as for a method without attributes.</summary>
    public RpcDelivery Delivery { get; init; }

    /// <summary>Whether the request survives a restart of the broker: see <see cref="RpcDurableAttribute"/>. Default: false.</summary>
    public bool IsDurable { get; init; }

    /// <summary>
    /// The streams of items to send, by parameter. Each item is one JSON value in UTF-8, and must not change until the next one is asked for.
    /// A source is enumerated once a server has the call. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> Streams { get; init; } = new Dictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>>();

    /// <summary>The streams of bytes to send, by parameter. They are read from their current position on, and not disposed. Default: none.</summary>
    public IReadOnlyDictionary<string, Stream> ByteStreams { get; init; } = new Dictionary<string, Stream>();

    /// <summary>
    /// What takes the progress that the method reports, by parameter. Each value is JSON in UTF-8, in memory of its own. Values come in order,
    /// one at a time, before the result. A method that returns a stream has no progress. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, IProgress<ReadOnlyMemory<byte>>> Progress { get; init; } = new Dictionary<string, IProgress<ReadOnlyMemory<byte>>>();
}
