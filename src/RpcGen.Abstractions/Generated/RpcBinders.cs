using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>Gives a generated client the callers of its methods.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcClientBinder
{
    /// <summary>The JSON metadata of the contract.</summary>
    public abstract RpcJson Json { get; }

    /// <summary>Creates a caller of <paramref name="method"/>, which the client keeps.</summary>
    public abstract RpcCaller<TArguments, TResult> Bind<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
        where TService : class
        where TArguments : struct;

    /// <summary>Creates a caller of <paramref name="method"/>, which returns a stream. The client keeps it.</summary>
    public abstract RpcStreamCaller<TArguments, TItem> BindStream<TService, TArguments, TItem>(RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method)
        where TService : class
        where TArguments : struct;
}

/// <summary>Takes the methods of a contract for a server.</summary>
/// <typeparam name="TService">The contract.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcServerBinder<TService>
    where TService : class
{
    /// <summary>The JSON metadata of the contract.</summary>
    public abstract RpcJson Json { get; }

    /// <summary>Adds <paramref name="method"/> to the server.</summary>
    public abstract void Bind<TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
        where TArguments : struct;

    /// <summary>Adds <paramref name="method"/>, which returns a stream, to the server.</summary>
    public abstract void BindStream<TArguments, TItem>(RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method)
        where TArguments : struct;
}
