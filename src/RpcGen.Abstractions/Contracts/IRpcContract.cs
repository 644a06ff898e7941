using System.ComponentModel;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>Makes an interface a contract. The generator implements it in the interface itself. Never implement it by hand.</summary>
/// <remarks>
/// Its members are used when a client or a server is created, never for a call. If a type does not satisfy
/// <c>where T : class, IRpcContract&lt;T&gt;</c>, annotate a <c>partial interface</c> with <see cref="AmqpRpcAttribute"/>, and
/// name the interface rather than a class that implements it.
/// </remarks>
/// <typeparam name="TSelf">The contract.</typeparam>
public interface IRpcContract<TSelf>
    where TSelf : class, IRpcContract<TSelf>
{
    /// <summary>Describes the contract as a whole.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract RpcContract DescribeContract();

    /// <summary>Creates a client that calls through <paramref name="binder"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract TSelf CreateClient(RpcClientBinder binder);

    /// <summary>Passes every method of the contract to <paramref name="binder"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract void BindServer(RpcServerBinder<TSelf> binder);
}
