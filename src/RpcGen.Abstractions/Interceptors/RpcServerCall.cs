using System.Runtime.CompilerServices;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>A call that is about to run, as interceptors of a server see it. Not thread-safe.</summary>
public abstract class RpcServerCall
{
    private CancellationToken? _token;

    private protected RpcServerCall(RpcMethod method, string queue, RpcCallContext context)
    {
        Method = method;
        Queue = queue;
        Context = context;
    }

    /// <summary>The method that is called.</summary>
    public RpcMethod Method { get; }

    /// <summary>The request queue.</summary>
    public string Queue { get; }

    /// <summary>The call's context: its sender, its metadata and its remaining time.</summary>
    public RpcCallContext Context { get; }

    /// <summary>The token that the handler gets, if it takes one.</summary>
    public CancellationToken CancellationToken
    {
        get => _token ?? Context.CancellationToken;
        set => _token = value;
    }

    /// <summary>The object that runs the call.</summary>
    internal object? Target { get; init; }

    /// <summary>Gets the arguments without their types, cancellation tokens left out. Allocates an object.</summary>
    public abstract ITuple GetArguments();
}

/// <summary>A call that is about to run, with its arguments.</summary>
/// <typeparam name="TArguments">A tuple with one element for each parameter, cancellation tokens left out.</typeparam>
public sealed class RpcServerCall<TArguments> : RpcServerCall
    where TArguments : struct
{
    internal RpcServerCall(RpcMethod method, string queue, RpcCallContext context, TArguments arguments)
        : base(method, queue, context) => Arguments = arguments;

    /// <summary>The arguments, which satisfy the contract. New values are not validated again.</summary>
    public TArguments Arguments { get; set; }

    /// <inheritdoc/>
    public override ITuple GetArguments() => (ITuple)(object)Arguments;
}
