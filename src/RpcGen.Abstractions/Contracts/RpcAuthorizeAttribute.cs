namespace RpcGen;

/// <summary>
/// Names a policy that a call has to satisfy: several add up, the contract's and the method's own. The server's
/// <see cref="RpcAuthorizationInterceptor"/> looks at them; without one the server does not start.
/// </summary>
/// <param name="policy">The policy's name, as ASP.NET Core's authorization or an interceptor of yours knows it.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class RpcAuthorizeAttribute(string policy) : Attribute
{
    /// <summary>The policy's name.</summary>
    public string Policy { get; } = policy;
}
