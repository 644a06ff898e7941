using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>The items of a stream that a method returns, and the stream's limits. Immutable, thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcItems
{
    private protected RpcItems()
    {
    }

    /// <summary>How items are written and read.</summary>
    public abstract JsonTypeInfo TypeInfo { get; }

    /// <summary>How many bytes can be on their way or wait for the consumer; 0 for the default.</summary>
    public int WindowBytes { get; init; }

    /// <summary>How many items the producer can be ahead of the consumer; 0 for no limit.</summary>
    public int WindowItems { get; init; }

    /// <summary>How long the consumer waits for one item, in milliseconds; 0 for no limit.</summary>
    public int IdleTimeoutMilliseconds { get; init; }

    /// <summary>How long the whole stream can take, in milliseconds; 0 for no limit.</summary>
    public int TotalTimeoutMilliseconds { get; init; }
}

/// <inheritdoc/>
/// <typeparam name="TItem">The type of the items.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcItems<TItem> : RpcItems
{
    /// <summary>Describes the items of a stream.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="TItem"/> has no JSON metadata. The message says how to add it.</exception>
    public RpcItems(RpcJson json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Json = json;
        Type = json.GetTypeInfo<TItem>();
    }

    /// <summary>How items are written and read.</summary>
    public JsonTypeInfo<TItem> Type { get; }

    /// <inheritdoc/>
    public override JsonTypeInfo TypeInfo => Type;

    /// <summary>The JSON metadata of the contract.</summary>
    internal RpcJson Json { get; }
}
