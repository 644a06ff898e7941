namespace RpcGen;

/// <summary>
/// Restricts who can call. With a policy, callers must satisfy it. Without one, callers must be known. Several attributes apply
/// together, those of the contract and those of the method. Servers check them before they read a call's arguments.
/// </summary>
/// <remarks>
/// The server's <see cref="IRpcAuthorizer"/> decides on policies. A server whose methods name policies does not start without
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

/// <summary>Lets anyone call the method: <see cref="RpcAuthorizeAttribute"/> on the method, its contract and its base contract has no effect.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RpcAllowAnonymousAttribute : Attribute;
