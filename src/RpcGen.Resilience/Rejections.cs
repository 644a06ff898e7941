using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace RpcGen.Resilience;

/// <summary>Gives callers RpcGen's exceptions for calls that a pipeline has refused or ended. Polly's exception is the cause.</summary>
internal static class Rejections
{
    /// <summary>The exception for the caller.</summary>
    public static Exception Translate(Exception exception, RpcClientCall call) => exception switch
    {
        BrokenCircuitException e => new RpcUnavailableException(
            $"'{call.Method.Name}' was not sent: the circuit breaker of this client is open, because too many calls to queue '{call.Queue}' failed.", call.Queue, e)
        {
            Method = call.Method.Name,
            Reason = ReasonOf(e),
            RetryAfter = e.RetryAfter,
        },
        RateLimiterRejectedException e => new RpcUnavailableException(
            $"'{call.Method.Name}' was not sent: the rate limiter of this client refused it.", call.Queue, e)
        {
            Method = call.Method.Name,
            Reason = RpcUnavailableReason.TooManyCalls,
            RetryAfter = e.RetryAfter,
        },
        TimeoutRejectedException e => new RpcTimeoutException(
            $"'{call.Method.Name}' on queue '{call.Queue}' was given up after {e.Timeout.TotalSeconds:0.###} s, by a timeout of this client's pipeline. It may have run and may still run.", e)
        {
            Method = call.Method.Name,
        },
        _ => exception,
    };

    /// <summary>The reason of the failure that opened the circuit breaker; if that has none, the service cannot take calls in time.</summary>
    private static RpcUnavailableReason ReasonOf(BrokenCircuitException exception) =>
        (exception.InnerException as RpcUnavailableException)?.Reason ?? RpcUnavailableReason.Overloaded;
}
