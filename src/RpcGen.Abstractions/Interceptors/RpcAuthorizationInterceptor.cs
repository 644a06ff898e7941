namespace RpcGen;

/// <summary>
/// Refuses calls that do not satisfy every policy that <see cref="RpcAuthorizeAttribute"/> names for them. A server with such
/// methods needs one of these interceptors; without one it does not start.
/// </summary>
/// <remarks>Thread-safe if <see cref="IsAllowedAsync"/> is.</remarks>
public abstract class RpcAuthorizationInterceptor : IRpcServerInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(next);
        IReadOnlyList<string> policies = call.Method.Policies;
        for (int i = 0; i < policies.Count; i++)
        {
            if (!await IsAllowedAsync(call, policies[i]).ConfigureAwait(false))
            {
                throw new RpcAccessDeniedException($"'{call.Method.Name}' was refused: the caller does not satisfy the policy '{policies[i]}'.");
            }
        }

        return await next(call).ConfigureAwait(false);
    }

    /// <summary>
    /// Decides whether a call satisfies a policy. <see cref="RpcCallContext.BrokerUser"/> can be trusted, because the broker
    /// verifies it; metadata cannot. To give the caller a specific reason, throw <see cref="RpcAccessDeniedException"/>.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="policy">The policy's name.</param>
#pragma warning disable CA1716 // "call" is a keyword of Visual Basic, which allows it in brackets.
    protected abstract ValueTask<bool> IsAllowedAsync(RpcServerCall call, string policy);
#pragma warning restore CA1716
}
