using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

#region aspnet
/// <summary>Applies the policies of <c>AddAuthorization</c>. Requirement handlers get the call as their resource.</summary>
public sealed class AspNetPolicies(IServiceScopeFactory scopes) : RpcAuthorizationInterceptor
{
    protected override async ValueTask<bool> IsAllowedAsync(RpcServerCall call, string policy)
    {
        // The user that the broker has verified. Without one, the identity is not authenticated.
        var caller = new ClaimsPrincipal(call.Context.BrokerUser is { } user
            ? new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], authenticationType: "RabbitMQ")
            : new ClaimsIdentity());

        // Authorization handlers can be scoped, but this object serves all calls.
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        var authorization = scope.ServiceProvider.GetRequiredService<IAuthorizationService>();
        return (await authorization.AuthorizeAsync(caller, call, policy)).Succeeded;
    }
}
#endregion
