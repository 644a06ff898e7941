namespace RpcGen.Client;

/// <summary>Strings interceptors together, once for a method of a client.</summary>
internal static class ClientPipeline
{
    /// <summary>What a call enters; null where there are no interceptors.</summary>
    public static RpcClientNext<TArguments, TResult>? Build<TArguments, TResult>(
        IReadOnlyList<IRpcClientInterceptor> interceptors, RpcClientNext<TArguments, TResult> send)
        where TArguments : struct
    {
        RpcClientNext<TArguments, TResult>? first = null;
        for (int i = interceptors.Count - 1; i >= 0; i--)
        {
            IRpcClientInterceptor interceptor = interceptors[i];
            RpcClientNext<TArguments, TResult> next = first ?? send;
            first = call => interceptor.InterceptAsync(call, next);
        }

        return first;
    }
}
