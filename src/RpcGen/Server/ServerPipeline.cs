namespace RpcGen.Server;

/// <summary>Strings interceptors together, once for a method of a server.</summary>
internal static class ServerPipeline
{
    /// <summary>What a call enters; null where there are no interceptors.</summary>
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
