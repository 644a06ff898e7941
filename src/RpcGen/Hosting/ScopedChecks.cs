using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace RpcGen.Hosting;

/// <summary>Authenticates callers with an authenticator from the scope of each call. A service without scopes gets one for each check.</summary>
internal sealed class ScopedAuthenticator<TAuthenticator>(IServiceScopeFactory scopes) : IRpcAuthenticator
    where TAuthenticator : class, IRpcAuthenticator
{
    public ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context) => context.Scope is { } scope
        ? scope.GetRequiredService<TAuthenticator>().AuthenticateAsync(context)
        : InOwnScopeAsync(context);

    private async ValueTask<ClaimsPrincipal?> InOwnScopeAsync(RpcCallContext context)
    {
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            return await scope.ServiceProvider.GetRequiredService<TAuthenticator>().AuthenticateAsync(context).ConfigureAwait(false);
        }
    }
}

/// <summary>Decides on policies with an authorizer from the scope of each call. A service without scopes gets one for each check.</summary>
internal sealed class ScopedAuthorizer<TAuthorizer>(IServiceScopeFactory scopes) : IRpcAuthorizer
    where TAuthorizer : class, IRpcAuthorizer
{
    public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) => context.Scope is { } scope
        ? scope.GetRequiredService<TAuthorizer>().IsAllowedAsync(context, policy)
        : InOwnScopeAsync(context, policy);

    private async ValueTask<bool> InOwnScopeAsync(RpcCallContext context, string policy)
    {
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            return await scope.ServiceProvider.GetRequiredService<TAuthorizer>().IsAllowedAsync(context, policy).ConfigureAwait(false);
        }
    }
}
