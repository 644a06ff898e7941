using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>A parameter that is a stream of bytes: the client sends them after the request. Immutable, thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcByteStreamProperty : RpcProperty<Stream>
{
    /// <summary>Describes a stream of bytes.</summary>
    /// <param name="name">Its name on the wire.</param>
    /// <param name="items">Its limits.</param>
    public RpcByteStreamProperty(string name, RpcByteItems items)
        : base(items?.Json!, name, RpcPropertyKind.Stream)
    {
        ArgumentNullException.ThrowIfNull(items);
        Pieces = new RpcStreamProperty<ReadOnlyMemory<byte>>(name, items);
    }

    /// <summary>The stream as one of pieces.</summary>
    internal RpcStreamProperty<ReadOnlyMemory<byte>> Pieces { get; }

    /// <inheritdoc/>
    public override JsonTypeInfo TypeInfo => Pieces.TypeInfo;

    internal override RpcItems? StreamItems => Pieces.Items;

    internal override InvalidOperationException? Problem => null;

    /// <inheritdoc/>
    public override void Offer(Stream value, RpcStreamSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        sources.AddBytes(this, value);
    }

    internal override Stream Receive(RpcStreamReceivers? receivers) =>
        receivers is null ? base.Receive(receivers) : receivers.ReceiveBytes(this);
}
