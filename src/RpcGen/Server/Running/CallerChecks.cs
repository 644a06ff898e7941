namespace RpcGen.Server.Running;

/// <summary>What checks the callers of a server. Immutable.</summary>
/// <param name="Authenticator">Identifies callers; null for none.</param>
/// <param name="Authorizer">Decides on policies; null if no method has one.</param>
internal sealed record CallerChecks(IRpcAuthenticator? Authenticator, IRpcAuthorizer? Authorizer)
{
    /// <summary>No checks: anyone can call methods without policies.</summary>
    public static CallerChecks None { get; } = new(null, null);

    /// <exception cref="InvalidOperationException">A method, or the server's description, has a policy, and nothing decides on policies.</exception>
    public void ThrowIfIncomplete(IEnumerable<RpcMethod> methods, string? descriptionPolicy, string queue)
    {
        if (Authorizer is not null)
        {
            return;
        }

        string? guarded = methods.FirstOrDefault(method => method.Policies.Count > 0) is { } method
            ? $"'{method.Name}' of queue '{queue}' is marked [RpcAuthorize(\"{method.Policies[0]}\")]"
            : string.IsNullOrEmpty(descriptionPolicy) ? null : $"DescriptionPolicy of queue '{queue}' is '{descriptionPolicy}'";
        if (guarded is not null)
        {
            throw new InvalidOperationException(
                $"{guarded}, but nothing decides on policies. Set RpcServerOptions.Authorizer or RpcConnectionOptions.Authorizer, or call AddAuthorizer<T>() in a host.");
        }
    }
}
