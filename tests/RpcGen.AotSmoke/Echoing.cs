using System.Diagnostics;

namespace RpcGen.AotSmoke;

/// <summary>Passes calls of every shape through on both sides, and reports what the server has seen.</summary>
internal sealed class Echoing : IRpcClientInterceptor, IRpcServerInterceptor
{
    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        TResult result = await next(call);
        return call.ReplyMetadata.ContainsKey("seen") ? result : throw new InvalidOperationException("No interceptor on the server.");
    }

    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct
    {
        string tenant = call.Context.Metadata.GetValueOrDefault("tenant", "none");
        call.Context.ReplyMetadata["seen"] = $"{call.Method.Name} {call.GetArguments().Length} {tenant} {call.Context.BrokerUser} {Activity.Current?.HasRemoteParent}";
        return tenant == "deny" ? throw new RpcAccessDeniedException("No.") { IsUnauthenticated = true } : next(call);
    }
}
