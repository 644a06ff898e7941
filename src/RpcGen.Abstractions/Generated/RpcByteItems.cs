using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>The bytes of a stream (<see cref="Stream"/>), and its limits. The items are pieces of any length. Immutable, thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcByteItems : RpcItems<ReadOnlyMemory<byte>>
{
    /// <summary>Describes bytes.</summary>
    public RpcByteItems(RpcJson json)
        : base(json, isRaw: true)
    {
        TypeInfo = JsonMetadataServices.CreateValueInfo<byte[]>(json.Options, JsonMetadataServices.ByteArrayConverter);
    }

    /// <summary>The metadata of <c>byte[]</c>. The bytes are sent as they are.</summary>
    public override JsonTypeInfo TypeInfo { get; }
}
