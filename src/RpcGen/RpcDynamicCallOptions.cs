namespace RpcGen;

/// <summary>What a contract would say of the method that <see cref="RpcDynamicClient"/> calls. Immutable.</summary>
public sealed class RpcDynamicCallOptions
{
    /// <summary>The settings of the call. Default: none.</summary>
    public RpcCallOptions Call { get; init; } = new();

    /// <summary>How often the call can run where it is in doubt. Default: <see cref="RpcDelivery.AtLeastOnce"/>, as for a method without attributes.</summary>
    public RpcDelivery Delivery { get; init; }

    /// <summary>Whether the request survives a restart of the broker: see <see cref="RpcDurableAttribute"/>. Default: false.</summary>
    public bool IsDurable { get; init; }
}
