using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace RpcGen.AspNetCore.Security;

/// <summary>Applies the policies of <c>AddAuthorization</c>. Requirement handlers get the call as their resource.</summary>
internal sealed class AspNetCoreAuthorizer(IAuthorizationService authorization) : IRpcAuthorizer
{
    /// <inheritdoc/>
    public async ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) =>
        (await authorization.AuthorizeAsync(CallerOf(context), context, policy).ConfigureAwait(false)).Succeeded;

    /// <summary>The authenticated caller, or else the user that the broker has verified.</summary>
    private static ClaimsPrincipal CallerOf(RpcCallContext context)
    {
        ClaimsPrincipal user = context.User;
        bool isAuthenticated = user.Identities.Any(identity => identity.IsAuthenticated);
        return isAuthenticated || context.BrokerUser is not { } name
            ? user
            : new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], authenticationType: "RabbitMQ"));
    }
}
