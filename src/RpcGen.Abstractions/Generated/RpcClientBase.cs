using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>The base of generated clients. Immutable, thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcClientBase
{
    /// <summary>The settings of this client's calls.</summary>
    protected internal RpcCallOptions Settings { get; private set; } = RpcCallOptions.None;

    internal RpcClientBase With(RpcCallOptions settings)
    {
        var copy = (RpcClientBase)MemberwiseClone();
        copy.Settings = settings;
        return copy;
    }
}
