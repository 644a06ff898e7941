using System.ComponentModel;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>
/// What makes an interface a contract. Implemented by the generator in the interface itself; never by hand.
/// </summary>
/// <remarks>
/// Its members are touched when a client or a server is made, never per call. A type that does not satisfy
/// <c>where T : class, IRpcContract&lt;T&gt;</c> is no contract: annotate a <c>partial interface</c> with
/// <see cref="AmqpRpcAttribute"/>, and name the interface, not a class that implements it.
/// </remarks>
/// <typeparam name="TSelf">The contract.</typeparam>
public interface IRpcContract<TSelf>
    where TSelf : class, IRpcContract<TSelf>
{
    /// <summary>What the contract says of itself as a whole.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract RpcContract DescribeContract();

    /// <summary>Makes a client proxy whose calls go where <paramref name="binder"/> leads.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract TSelf CreateClient(RpcClientBinder binder);

    /// <summary>Hands every method of the contract to <paramref name="binder"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract void BindServer(RpcServerBinder<TSelf> binder);
}
