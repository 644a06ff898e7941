namespace RpcGen.Tests.Hosting;

/// <summary>An interceptor of both sides that writes its name down for each call.</summary>
internal sealed class Recorder(List<string> log, string name) : IRpcClientInterceptor, IRpcServerInterceptor
{
    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        log.Add(name);
        return next(call);
    }

    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct
    {
        log.Add(name);
        return next(call);
    }
}
