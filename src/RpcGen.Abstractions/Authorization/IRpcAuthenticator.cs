using System.Security.Claims;

namespace RpcGen;

/// <summary>Finds out who makes a call, before the server reads the call's arguments: for example from a token in the metadata.</summary>
/// <remarks>Must be thread-safe, unless a host creates one for each call. It is asked for every call of a server, also for methods that everyone can call.</remarks>
public interface IRpcAuthenticator
{
    /// <summary>
    /// Returns the caller, which becomes <see cref="RpcCallContext.User"/>; null if the request says nothing of its caller. To
    /// refuse the call, throw <see cref="RpcAccessDeniedException"/>, whose message the caller gets. Any other exception fails
    /// the call with the code <c>internal</c>.
    /// </summary>
    /// <param name="context">The call. <see cref="RpcCallContext.BrokerUser"/> can be trusted, because the broker verifies it; metadata is only what the caller claims.</param>
    ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context);
}
