using Polly;

namespace RpcGen.Resilience;

/// <summary>Runs the calls of a client in a pipeline. Each attempt is a separate call. Thread-safe.</summary>
/// <param name="pipeline">The pipeline.</param>
/// <param name="attemptTimeout">The time limit of an attempt; null for what remains of the call's.</param>
internal sealed class ResilienceInterceptor(ResiliencePipeline pipeline, TimeSpan? attemptTimeout) : IRpcClientInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        CancellationToken callersToken = call.CancellationToken;
        ResilienceContext context = ResilienceContextPool.Shared.Get(call.Method.Name, continueOnCapturedContext: false, callersToken);
        context.SetCall(call);
        try
        {
            var attempts = new Attempts<TArguments, TResult>(call, next, attemptTimeout);
            Outcome<TResult> outcome = await pipeline.ExecuteOutcomeAsync(static (context, attempts) => attempts.RunAsync(context.CancellationToken), context, attempts).ConfigureAwait(false);
            if (outcome.Exception is { } exception && Rejections.Translate(exception, call) is var translated && !ReferenceEquals(translated, exception))
            {
                throw translated;
            }

            outcome.ThrowIfException();
            return outcome.Result!;
        }
        finally
        {
            call.CancellationToken = callersToken; // outer interceptors may look at it
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>The attempts of one call.</summary>
    private sealed class Attempts<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next, TimeSpan? attemptTimeout)
        where TArguments : struct
    {
        private readonly TimeSpan _timeout = call.Timeout;

        public async ValueTask<Outcome<TResult>> RunAsync(CancellationToken token)
        {
            call.CancellationToken = token;
            try
            {
                call.Timeout = LimitOfAttempt();
                return Outcome.FromResult(await next(call).ConfigureAwait(false));
            }
#pragma warning disable CA1031 // The pipeline decides about every exception, and the caller gets it if nothing else does.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return Outcome.FromException<TResult>(e);
            }
            finally
            {
                call.Timeout = _timeout;
            }
        }

        /// <summary>A call's time limit counts from its start, so that of an attempt includes the time that has passed.</summary>
        private TimeSpan LimitOfAttempt()
        {
            if (attemptTimeout is not { } limit || (_timeout != Timeout.InfiniteTimeSpan && call.Remaining <= limit))
            {
                return _timeout;
            }

            call.Timeout = TimeSpan.MaxValue; // the time that remains of this limit tells how much has passed
            return TimeSpan.MaxValue - call.Remaining + limit;
        }
    }
}
