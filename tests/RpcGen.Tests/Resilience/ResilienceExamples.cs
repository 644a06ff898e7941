using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Polly;
using Polly.Retry;

namespace RpcGen.Tests.Resilience;

/// <summary>The code of docs/resilience.md.</summary>
internal static class ResilienceExamples
{
    public static void AddStandard(HostApplicationBuilder builder)
    {
        #region standard
        builder.Services.AddRpcGen("amqp://localhost")
            .AddClient<IPayments>()
            .AddStandardResilience();
        #endregion
    }

    public static void AddOptions(HostApplicationBuilder builder)
    {
        #region options
        builder.Services.AddRpcGen("amqp://localhost")
            .AddClient<IPayments>()
            .AddStandardResilience(options =>
            {
                options.MaxRetryAttempts = 5;
                options.AttemptTimeout = TimeSpan.FromSeconds(2);
            });
        #endregion
    }

    public static void AddOwn(HostApplicationBuilder builder)
    {
        #region own
        builder.Services.AddRpcGen("amqp://localhost")
            .AddClient<IPayments>()
            .AddResilience("patient", (pipeline, services) => pipeline
                .AddRetry(new RetryStrategyOptions
                {
                    ShouldHandle = args => new(args.Outcome.Exception is RpcException e
                        && RpcGenResilienceExtensions.CanRetry(e, args.Context.GetRpcMethod())),
                    MaxRetryAttempts = 10,
                    Delay = TimeSpan.FromSeconds(1),
                })
                .AddTimeout(TimeSpan.FromSeconds(5)));
        #endregion
    }
}
