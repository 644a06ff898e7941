namespace RpcGen.Server.Running;

/// <summary>Chains the interceptors of a server, once for each method.</summary>
internal static class ServerPipeline
{
    /// <summary>Builds the chain, the first interceptor outermost; null if there are no interceptors.</summary>
    public static RpcServerNext<TArguments, TResult>? Build<TArguments, TResult>(
        IReadOnlyList<IRpcServerInterceptor> interceptors, RpcServerNext<TArguments, TResult> run)
        where TArguments : struct
    {
        RpcServerNext<TArguments, TResult>? first = null;
        for (int i = interceptors.Count - 1; i >= 0; i--)
        {
            IRpcServerInterceptor interceptor = interceptors[i];
            RpcServerNext<TArguments, TResult> next = first ?? run;
            first = call => interceptor.InterceptAsync(call, next);
        }

        return first;
    }
}
