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

    /// <summary>Why JSON does not support the type, which then has no metadata; null if it does.</summary>
    internal abstract InvalidOperationException? Problem { get; }

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
    public RpcItems(RpcJson json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Json = json;
        Type = json.FindTypeInfo<TItem>(out InvalidOperationException? problem)!; // not used if there is a problem
        Problem = problem;
    }

    /// <summary>How items are written and read.</summary>
    public JsonTypeInfo<TItem> Type { get; }

    /// <inheritdoc/>
    public override JsonTypeInfo TypeInfo => Type;

    /// <inheritdoc/>
    internal override InvalidOperationException? Problem { get; }

    /// <summary>The JSON metadata of the contract.</summary>
    internal RpcJson Json { get; }
}
