using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>A parameter that takes progress: the server sends what the service reports before the result. Immutable, thread-safe.</summary>
/// <typeparam name="TItem">The type of the values that are reported.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcProgressProperty<TItem> : RpcProperty<IProgress<TItem>>
{
    /// <summary>Describes progress.</summary>
    /// <param name="name">Its name on the wire.</param>
    /// <param name="items">The values and their limits.</param>
    public RpcProgressProperty(string name, RpcItems<TItem> items)
        : base(items?.Json!, name, RpcPropertyKind.Progress)
    {
        ArgumentNullException.ThrowIfNull(items);
        StreamItems = items;
        Items = items.ForProgress();
    }

    /// <summary>The values, with the window of progress.</summary>
    internal RpcItems<TItem> Items { get; }

    /// <inheritdoc/>
    public override JsonTypeInfo TypeInfo => Items.TypeInfo;

    internal override RpcItems? StreamItems { get; }

    internal override InvalidOperationException? Problem => Items.Problem;

    /// <inheritdoc/>
    public override void Offer(IProgress<TItem> value, RpcStreamSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        sources.AddProgress(this, value);
    }

    /// <summary>A caller that takes no progress sends a request without streams. The handler gets null if the contract allows it.</summary>
    internal override IProgress<TItem> Receive(RpcStreamReceivers? receivers) =>
        receivers is not null ? receivers.CreateProgress(this)
        : RefusesNull ? NoProgress.Instance
        : null!;

    /// <summary>Nobody takes the progress.</summary>
    private sealed class NoProgress : IProgress<TItem>
    {
        public static readonly NoProgress Instance = new();

        public void Report(TItem value)
        {
        }
    }
}
