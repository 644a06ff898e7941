using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>The items of a stream that a method returns, and the stream's limits. Immutable, thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcItems
{
    /// <summary>The window of progress whose method names none, in bytes.</summary>
    internal const int ProgressWindow = 4 * 1024;

    /// <summary>The largest window of progress, in bytes. Every call gets it, however much memory is in use.</summary>
    internal const int LargestProgressWindow = 32 * 1024;

    private protected RpcItems()
    {
    }

    /// <summary>How items are written and read.</summary>
    public abstract JsonTypeInfo TypeInfo { get; }

    /// <summary>Why JSON does not support the type, which then has no metadata; null if it does.</summary>
    internal abstract InvalidOperationException? Problem { get; }

    /// <summary>Whether the items are pieces of bytes, which are sent as they are.</summary>
    internal bool IsRaw { get; private protected init; }

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
public class RpcItems<TItem> : RpcItems
{
    /// <summary>Describes the items of a stream.</summary>
    public RpcItems(RpcJson json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Json = json;
        Type = json.FindTypeInfo<TItem>(out InvalidOperationException? problem)!; // not used if there is a problem
        Problem = problem;
    }

    /// <summary>Describes items that are written and read as <paramref name="type"/> says.</summary>
    internal RpcItems(RpcJson json, JsonTypeInfo<TItem> type)
    {
        Json = json;
        Type = type;
    }

    /// <summary>Describes bytes, which are sent as they are.</summary>
    private protected RpcItems(RpcJson json, bool isRaw)
    {
        ArgumentNullException.ThrowIfNull(json);
        Json = json;
        Type = null!; // not used
        IsRaw = isRaw;
    }

    /// <summary>The same items with other limits.</summary>
    private RpcItems(RpcItems<TItem> items)
    {
        Json = items.Json;
        Type = items.Type;
        Problem = items.Problem;
    }

    /// <summary>How items are written and read; null for bytes.</summary>
    public JsonTypeInfo<TItem> Type { get; }

    /// <inheritdoc/>
    public override JsonTypeInfo TypeInfo => Type;

    /// <inheritdoc/>
    internal override InvalidOperationException? Problem { get; }

    /// <summary>The JSON metadata of the contract.</summary>
    internal RpcJson Json { get; }

    /// <summary>
    /// The same items as progress. The window is small, so that a slow consumer gets recent values, and of a fixed size, because a request names
    /// one window for the progress of all parameters.
    /// </summary>
    internal RpcItems<TItem> ForProgress() => new(this) { WindowBytes = WindowBytes == 0 ? ProgressWindow : Math.Min(WindowBytes, LargestProgressWindow) };
}
