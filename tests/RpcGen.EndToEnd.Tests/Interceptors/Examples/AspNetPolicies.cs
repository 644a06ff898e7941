using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

#region aspnet
/// <summary>Has the policies of <c>AddAuthorization</c> decide. A handler of requirements gets the call as its resource.</summary>
public sealed class AspNetPolicies(IServiceScopeFactory scopes) : RpcAuthorizationInterceptor
{
    protected override async ValueTask<bool> IsAllowedAsync(RpcServerCall call, string policy)
    {
        // Who the broker says it is. Without a user it is nobody, whom RequireAuthenticatedUser refuses.
        var caller = new ClaimsPrincipal(call.Context.BrokerUser is { } user
            ? new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], authenticationType: "RabbitMQ")
            : new ClaimsIdentity());

        // Handlers may be scoped, and this object serves all calls.
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        var authorization = scope.ServiceProvider.GetRequiredService<IAuthorizationService>();
        return (await authorization.AuthorizeAsync(caller, call, policy)).Succeeded;
    }
}
#endregion
