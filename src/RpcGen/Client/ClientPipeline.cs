namespace RpcGen.Client;

/// <summary>Chains the interceptors of a client.</summary>
internal static class ClientPipeline
{
    /// <summary>The entry of the chain: the first interceptor or, without interceptors, <paramref name="send"/>.</summary>
    public static RpcClientNext<TArguments, TResult> Build<TArguments, TResult>(
        IReadOnlyList<IRpcClientInterceptor> interceptors, RpcClientNext<TArguments, TResult> send)
        where TArguments : struct
    {
        RpcClientNext<TArguments, TResult> first = send;
        for (int i = interceptors.Count - 1; i >= 0; i--)
        {
            IRpcClientInterceptor interceptor = interceptors[i];
            RpcClientNext<TArguments, TResult> next = first;
            first = call => interceptor.InterceptAsync(call, next);
        }

        return first;
    }
}
