namespace RpcGen;

/// <summary>
/// Names a policy that calls must satisfy. Several attributes add up, the contract's and the method's own. The server's
/// <see cref="RpcAuthorizationInterceptor"/> checks them; without such an interceptor the server does not start.
/// </summary>
/// <param name="policy">The policy's name in ASP.NET Core's authorization, or in an interceptor of your own.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class RpcAuthorizeAttribute(string policy) : Attribute
{
    /// <summary>The policy's name.</summary>
    public string Policy { get; } = policy;
}
