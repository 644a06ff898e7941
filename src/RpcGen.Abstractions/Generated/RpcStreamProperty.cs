using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>A parameter that is a stream: the client sends its items after the request. Immutable, thread-safe.</summary>
/// <typeparam name="TItem">The type of the items.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcStreamProperty<TItem> : RpcProperty<IAsyncEnumerable<TItem>>
{
    /// <summary>Describes a stream.</summary>
    /// <param name="name">Its name on the wire.</param>
    /// <param name="items">Its items and limits.</param>
    public RpcStreamProperty(string name, RpcItems<TItem> items)
        : base(items?.Json!, name, RpcPropertyKind.Stream)
    {
        ArgumentNullException.ThrowIfNull(items);
        Items = items;
    }

    /// <summary>The items and limits.</summary>
    public RpcItems<TItem> Items { get; }

    /// <summary>Adds every violation of the contract by an item, which has an index; null if the contract does not limit items.</summary>
    public Action<TItem, int, RpcValidation>? Check { get; init; }

    /// <inheritdoc/>
    public override JsonTypeInfo TypeInfo => Items.TypeInfo;

    internal override RpcItems? StreamItems => Items;

    internal override InvalidOperationException? Problem => Items.Problem;

    /// <inheritdoc/>
    public override void Offer(IAsyncEnumerable<TItem> value, RpcStreamSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        sources.Add(this, value);
    }

    internal override IAsyncEnumerable<TItem> Receive(RpcStreamReceivers? receivers) =>
        receivers is null ? base.Receive(receivers) : receivers.Receive(this);

    /// <summary>Checks an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="number">Its number in the stream, from 0.</param>
    /// <exception cref="RpcValidationException">The item breaks the contract.</exception>
    internal void ThrowIfInvalid(TItem item, long number)
    {
        if (Check is null)
        {
            return;
        }

        RpcValidation validation = RpcValidation.Rent();
        if (validation.Enter(Name))
        {
            Check(item, (int)Math.Min(number, int.MaxValue), validation);
            validation.Leave();
        }

        validation.ThrowIfInvalid();
    }
}

/// <summary>Takes the sources of the streams that a call sends, and what takes its progress.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcStreamSources
{
    /// <summary>Adds a source.</summary>
    public abstract void Add<TItem>(RpcStreamProperty<TItem> parameter, IAsyncEnumerable<TItem> source);

    /// <summary>Adds a source of bytes.</summary>
    public abstract void AddBytes(RpcByteStreamProperty parameter, Stream source);

    /// <summary>Adds what takes progress; null for nothing.</summary>
    public abstract void AddProgress<TItem>(RpcProgressProperty<TItem> parameter, IProgress<TItem>? progress);
}

/// <summary>Gives a handler the streams that a call receives, and what it reports progress to.</summary>
internal abstract class RpcStreamReceivers
{
    /// <summary>The stream for a parameter.</summary>
    public abstract IAsyncEnumerable<TItem> Receive<TItem>(RpcStreamProperty<TItem> parameter);

    /// <summary>The stream of bytes for a parameter.</summary>
    public abstract Stream ReceiveBytes(RpcByteStreamProperty parameter);

    /// <summary>What the handler reports to for a parameter.</summary>
    public abstract IProgress<TItem> CreateProgress<TItem>(RpcProgressProperty<TItem> parameter);
}
