using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace RpcGen.Resilience;

/// <summary>The strategies of <c>AddStandardResilience</c>, the outermost first: limit of calls, retries, circuit breaker.</summary>
internal static class StandardPipeline
{
    /// <summary>A <see cref="RpcUnavailableException.RetryAfter"/> is stretched by up to this share, so that callers do not return at once.</summary>
    private const double MaxStretch = 0.25;

    /// <summary>Adds the strategies.</summary>
    public static void Add(ResiliencePipelineBuilder pipeline, RpcStandardResilienceOptions options)
    {
        pipeline.AddConcurrencyLimiter(options.MaxPendingCalls, queueLimit: 0);
        if (options.MaxRetryAttempts > 0)
        {
            pipeline.AddRetry(CreateRetry(options));
        }

        pipeline.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = options.FailureRatio,
            ShouldHandle = static args => new(args.Outcome.Exception is RpcException e && IsFailureOfService(e)),
        });
    }

    private static RetryStrategyOptions CreateRetry(RpcStandardResilienceOptions options)
    {
        var retry = new RetryStrategyOptions
        {
            MaxRetryAttempts = options.MaxRetryAttempts,
            Delay = options.Delay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = static args => new(args.Outcome.Exception is RpcException e && IsWorthRepeating(e, args.Context.GetCall())),
        };
        Func<double> randomizer = retry.Randomizer;
        retry.DelayGenerator = args => new(PauseOf(args.Outcome.Exception, randomizer));
        return retry;
    }

    private static bool IsWorthRepeating(RpcException exception, RpcClientCall call) =>
        RepeatRule.CanRetry(exception, call.Method) && HasTimeFor(exception, call);

    /// <summary>Whether the call, and the handler that makes it, have time for the pause that the failure asks for.</summary>
    private static bool HasTimeFor(RpcException exception, RpcClientCall call)
    {
        TimeSpan pause = (exception as RpcUnavailableException)?.RetryAfter ?? TimeSpan.Zero;
        return IsLonger(call.Remaining, pause) && (RpcCallContext.Current is not { } handling || IsLonger(handling.Remaining, pause));
    }

    private static bool IsLonger(TimeSpan remaining, TimeSpan pause) => remaining == Timeout.InfiniteTimeSpan || remaining > pause;

    /// <summary>The pause that the failure asks for; null for the one of the options.</summary>
    private static TimeSpan? PauseOf(Exception? exception, Func<double> randomizer) =>
        exception is RpcUnavailableException { RetryAfter: { } pause } ? pause * (1 + (MaxStretch * randomizer())) : null;

    /// <summary>
    /// Whether the failure counts for the circuit breaker. The client limits calls to overloaded servers by itself, in proportion, and its
    /// own limits say nothing about the service.
    /// </summary>
    private static bool IsFailureOfService(RpcException exception) =>
        exception.IsTransient && exception is not RpcUnavailableException { Reason: RpcUnavailableReason.Overloaded or RpcUnavailableReason.TooManyCalls };
}
