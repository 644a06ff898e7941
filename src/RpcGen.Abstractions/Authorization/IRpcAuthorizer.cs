namespace RpcGen;

/// <summary>Decides on the policies of <see cref="RpcAuthorizeAttribute"/>, before the server reads the call's arguments.</summary>
/// <remarks>
/// Must be thread-safe, unless a host creates one for each call. Policies never see arguments. Rules about arguments belong in
/// interceptors.
/// </remarks>
public interface IRpcAuthorizer
{
    /// <summary>
    /// Whether a call satisfies a policy. All policies of a method must be satisfied. They are checked one after the other. To give
    /// the caller a reason, throw <see cref="RpcAccessDeniedException"/>. Any other exception fails the call with the code
    /// <c>internal</c>.
    /// </summary>
    /// <param name="context">The call, with the caller in <see cref="RpcCallContext.User"/> and <see cref="RpcCallContext.BrokerUser"/>.</param>
    /// <param name="policy">The policy's name.</param>
    ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy);
}
