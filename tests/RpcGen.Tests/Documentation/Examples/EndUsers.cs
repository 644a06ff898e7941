using System.Security.Claims;

namespace RpcGen.Tests.Documentation.Examples;

/// <summary>The code of docs/end-users.md.</summary>
internal static class EndUsers
{
    public static void Check(string customer)
    {
        #region handler
        ClaimsPrincipal user = RpcCallContext.Current!.User;
        if (!user.HasClaim("customer", customer))
        {
            throw new RpcAccessDeniedException($"Customer '{customer}' is not yours.");
        }
        #endregion
    }
}
