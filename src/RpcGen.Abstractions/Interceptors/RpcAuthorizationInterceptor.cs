namespace RpcGen;

/// <summary>
/// Lets a call run only where every policy that <see cref="RpcAuthorizeAttribute"/> names for it is satisfied. A server of
/// such methods wants one of these, and does not start without.
/// </summary>
/// <remarks>Thread-safe, if <see cref="IsAllowedAsync"/> is.</remarks>
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
    /// Whether a call satisfies a policy. It may rely on <see cref="RpcCallContext.BrokerUser"/>, which the broker has checked;
    /// metadata is whatever its sender says. It may also throw <see cref="RpcAccessDeniedException"/> with a reason of its own.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="policy">The policy's name.</param>
#pragma warning disable CA1716 // Of keywords in Visual Basic, which lets them be names in brackets.
    protected abstract ValueTask<bool> IsAllowedAsync(RpcServerCall call, string policy);
#pragma warning restore CA1716
}
