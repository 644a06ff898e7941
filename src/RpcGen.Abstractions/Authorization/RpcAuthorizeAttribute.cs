namespace RpcGen;

/// <summary>
/// Restricts who can call: with a policy, callers that satisfy it; without one, callers that are known. Several attributes add
/// up, the contract's and the method's own. Servers check them before they read a call's arguments.
/// </summary>
/// <remarks>
/// The server's <see cref="IRpcAuthorizer"/> decides on policies; a server whose methods name policies does not start without
/// one. A caller is known if the broker has verified its user (<see cref="RpcCallContext.BrokerUser"/>), or if an
/// <see cref="IRpcAuthenticator"/> has authenticated it (<see cref="RpcCallContext.User"/>).
/// </remarks>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class RpcAuthorizeAttribute : Attribute
{
    /// <summary>Requires a caller that is known.</summary>
    public RpcAuthorizeAttribute()
    {
    }

    /// <summary>Requires a caller that satisfies a policy.</summary>
    /// <param name="policy">The policy's name, which the server's <see cref="IRpcAuthorizer"/> gets.</param>
    public RpcAuthorizeAttribute(string policy) => Policy = policy;

    /// <summary>The policy's name; null if the caller only has to be known.</summary>
    public string? Policy { get; }
}

/// <summary>Lets everyone call the method: <see cref="RpcAuthorizeAttribute"/> on its contract, base contract and on itself has no effect.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RpcAllowAnonymousAttribute : Attribute;
