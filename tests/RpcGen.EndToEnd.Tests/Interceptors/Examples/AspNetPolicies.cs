using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

/// <summary>Makes the user that the broker has verified the caller.</summary>
public sealed class BrokerUsers : IRpcAuthenticator
{
    public ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context) => new(context.BrokerUser is { } user
        ? new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], authenticationType: "RabbitMQ"))
        : null);
}

/// <summary>Applies the policies of <c>AddAuthorization</c>. Requirement handlers get the call as their resource.</summary>
public sealed class AspNetPolicies(IAuthorizationService authorization) : IRpcAuthorizer
{
    public async ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) =>
        (await authorization.AuthorizeAsync(context.User, context, policy)).Succeeded;
}
