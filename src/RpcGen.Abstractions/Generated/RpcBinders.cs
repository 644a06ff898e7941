using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>Where a client proxy gets a caller for each of its methods from.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcClientBinder
{
    /// <summary>The JSON metadata to bind with.</summary>
    public abstract RpcJson Json { get; }

    /// <summary>A caller of <paramref name="method"/>, to be kept by the proxy.</summary>
    public abstract RpcCaller<TArguments, TResult> Bind<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
        where TService : class
        where TArguments : struct;
}

/// <summary>Where a contract's methods are handed to a server.</summary>
/// <typeparam name="TService">The contract.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcServerBinder<TService>
    where TService : class
{
    /// <summary>The JSON metadata to bind with.</summary>
    public abstract RpcJson Json { get; }

    /// <summary>Serves <paramref name="method"/>.</summary>
    public abstract void Bind<TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
        where TArguments : struct;
}
