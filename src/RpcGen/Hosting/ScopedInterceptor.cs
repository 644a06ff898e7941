using Microsoft.Extensions.DependencyInjection;

namespace RpcGen.Hosting;

/// <summary>Intercepts each call with an interceptor from the call's scope. A service without scopes gets one for each call.</summary>
internal sealed class ScopedInterceptor<TInterceptor>(IServiceScopeFactory scopes) : IRpcServerInterceptor
    where TInterceptor : class, IRpcServerInterceptor
{
    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct => call.Context.Scope is { } scope
            ? scope.GetRequiredService<TInterceptor>().InterceptAsync(call, next)
            : InOwnScopeAsync(call, next);

    private async ValueTask<TResult> InOwnScopeAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct
    {
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            return await scope.ServiceProvider.GetRequiredService<TInterceptor>().InterceptAsync(call, next).ConfigureAwait(false);
        }
    }
}
