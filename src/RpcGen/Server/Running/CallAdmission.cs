using System.Runtime.CompilerServices;

namespace RpcGen.Server.Running;

/// <summary>
/// Decides whether a caller can make calls of one method: authenticates the caller, then checks the method's policies. Runs
/// before the arguments are read, so refused callers cost little, and none of their arguments is read. Thread-safe.
/// </summary>
internal sealed class CallAdmission
{
    private readonly RpcMethod _method;
    private readonly IReadOnlyList<string> _policies;
    private readonly CallerChecks _checks;

    private CallAdmission(RpcMethod method, CallerChecks checks)
    {
        _method = method;
        _policies = method.Policies;
        _checks = checks;
    }

    /// <summary>The checks for a method; null if there is nothing to check, which costs its calls nothing.</summary>
    public static CallAdmission? For(RpcMethod method, CallerChecks checks) =>
        checks.Authenticator is not null || method.RequiresAuthentication || method.Policies.Count > 0 ? new CallAdmission(method, checks) : null;

    /// <summary>Completes if the caller can make the call.</summary>
    /// <exception cref="RpcAccessDeniedException">The caller cannot.</exception>
    /// <exception cref="CallerCheckFailedException">Authenticator or authorizer failed with an exception that would otherwise be taken for the fault of the request.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask AdmitAsync(RpcCallContext context)
    {
        try
        {
            if (_checks.Authenticator is not null && await _checks.Authenticator.AuthenticateAsync(context).ConfigureAwait(false) is { } user)
            {
                context.User = user;
            }

            if (_method.RequiresAuthentication && !context.IsAuthenticated)
            {
                throw Refusal(context, "only known callers can call it");
            }

            for (int i = 0; i < _policies.Count; i++)
            {
                if (!await _checks.Authorizer!.IsAllowedAsync(context, _policies[i]).ConfigureAwait(false))
                {
                    throw Refusal(context, $"the caller does not satisfy the policy '{_policies[i]}'");
                }
            }
        }
        catch (RpcException e) when (e is not RpcAccessDeniedException { CallId: null })
        {
            throw new CallerCheckFailedException(e); // the exception of a call that the check made
        }
    }

    private RpcAccessDeniedException Refusal(RpcCallContext context, string reason) =>
        new($"'{_method.Name}' was refused: {reason}.") { IsUnauthenticated = !context.IsAuthenticated };
}

/// <summary>A check of the caller failed because of a call that it made itself.</summary>
internal sealed class CallerCheckFailedException(RpcException innerException) : Exception($"The caller could not be checked: {innerException.Message}", innerException);
