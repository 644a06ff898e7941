using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RpcGen.EndToEnd.Tests.Interceptors;

/// <summary>Records what it sees of a call: the method, then the result; with their values, or with the type of the result alone.</summary>
internal sealed class Recorder(ConcurrentQueue<string> seen, string name, bool withValues = true) : IRpcClientInterceptor, IRpcServerInterceptor
{
    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        Add(call.Method, call.GetArguments());
        return Add(await next(call));
    }

    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct
    {
        Add(call.Method, call.GetArguments());
        return Add(await next(call));
    }

    private void Add(RpcMethod method, ITuple arguments) => seen.Enqueue(
        withValues ? $"{name}: {method.Name}({string.Join(',', Enumerable.Range(0, arguments.Length).Select(i => arguments[i]))})" : $"{name}: {method.Name}");

    private TResult Add<TResult>(TResult result)
    {
        seen.Enqueue($"{name}: {(withValues ? result : typeof(TResult).Name)}");
        return result;
    }
}

/// <summary>Refuses all calls.</summary>
internal sealed class Refusal : IRpcServerInterceptor
{
    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct => throw new RpcAccessDeniedException("not you");
}
