using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

#region polly
/// <summary>Retries calls that did not run, and stops calling a service that keeps failing.</summary>
public sealed class Resilience : IRpcClientInterceptor
{
    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<RpcUnavailableException>(),
            MaxRetryAttempts = 3,
            Delay = TimeSpan.FromMilliseconds(50),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<RpcUnavailableException>().Handle<RpcTimeoutException>(),
            MinimumThroughput = 20,
        })
        .Build();

    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        CancellationToken callersToken = call.CancellationToken;
        return await _pipeline.ExecuteAsync(
            async token =>
            {
                call.CancellationToken = token;
                return await next(call).ConfigureAwait(false);
            },
            callersToken).ConfigureAwait(false);
    }
}
#endregion
