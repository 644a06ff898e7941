using System.Security.Claims;

namespace RpcGen;

/// <summary>Identifies the caller before the server reads the call's arguments, for example by a token in the metadata.</summary>
/// <remarks>Must be thread-safe, unless a host creates one for each call. It is called for every call of a server, also for methods that anyone can call.</remarks>
public interface IRpcAuthenticator
{
    /// <summary>
    /// Returns the caller, which becomes <see cref="RpcCallContext.User"/>; null if the request does not identify its caller. To
    /// refuse the call, throw <see cref="RpcAccessDeniedException"/>, whose message the caller gets. Any other exception fails
    /// the call with the code <c>internal</c>.
    /// </summary>
    /// <param name="context">The call. <see cref="RpcCallContext.BrokerUser"/> can be trusted, because the broker verifies it; metadata is only a claim of the caller.</param>
    ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context);
}
