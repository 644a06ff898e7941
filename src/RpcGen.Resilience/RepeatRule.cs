namespace RpcGen.Resilience;

/// <summary>When a call can be repeated.</summary>
internal static class RepeatRule
{
    /// <summary>Whether it can help, and does no harm.</summary>
    public static bool CanRetry(RpcException exception, RpcMethod method) =>
        exception.IsTransient && (exception.Execution == RpcExecution.NotStarted || method.IsIdempotent);
}
