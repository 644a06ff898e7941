using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Registry;
using RpcGen;
using RpcGen.Hosting;
using RpcGen.Resilience;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds pipelines of Polly to clients. Each attempt is a separate call with its own id. All attempts share the call's time limit.</summary>
public static class RpcGenResilienceExtensions
{
    private const string Standard = "standard";

    /// <summary>
    /// Adds a limit of calls, retries, a circuit breaker and, if set, a time limit of attempts to this client. A call is repeated if
    /// <see cref="CanRetry"/> and its time allow it. Further calls for the same client only change the options.
    /// </summary>
    /// <remarks>
    /// It runs inside interceptors that were added before. Callers get exceptions of RpcGen, never Polly's: a call that the limit or the circuit breaker
    /// refuses throws <see cref="RpcUnavailableException"/>. A stream is only protected until it is open.
    /// </remarks>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The same builder.</returns>
    public static RpcClientBuilder AddStandardResilience(this RpcClientBuilder builder, Action<RpcStandardResilienceOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string client = NameOf(builder);
        if (configure is not null)
        {
            builder.Services.Configure(client, configure);
        }

        if (!PipelineRegistration.TryAdd(builder.Services, NameOf(client, Standard)))
        {
            return builder;
        }

        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RpcStandardResilienceOptions>, StandardOptionsValidation>());
        AddPipeline(builder, Standard, (pipeline, services) => StandardPipeline.Add(pipeline, Options(services)));
        return builder.AddInterceptor(services => new ResilienceInterceptor(Find(services, client, Standard), Options(services).AttemptTimeout));

        RpcStandardResilienceOptions Options(IServiceProvider services) => services.GetRequiredService<IOptionsMonitor<RpcStandardResilienceOptions>>().Get(client);
    }

    /// <summary>Adds a pipeline of the application to this client. It runs inside interceptors and pipelines that were added before.</summary>
    /// <remarks>
    /// Callers get exceptions of RpcGen if the circuit breaker, rate limiter or timeout of the pipeline ends a call. The clock is the
    /// container's <see cref="TimeProvider"/> if it has one.
    /// </remarks>
    /// <param name="builder">The client.</param>
    /// <param name="pipelineName">A name that is unique for the client. Telemetry has it after the client's name: <c>Shop.IOrders-name</c>.</param>
    /// <param name="configure">
    /// Adds strategies. Their predicates get the method from <see cref="GetRpcMethod"/>, for <see cref="CanRetry"/>.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">The client has a pipeline of this name.</exception>
    public static RpcClientBuilder AddResilience(this RpcClientBuilder builder, string pipelineName, Action<ResiliencePipelineBuilder, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(pipelineName);
        ArgumentNullException.ThrowIfNull(configure);
        string client = NameOf(builder);
        if (!PipelineRegistration.TryAdd(builder.Services, NameOf(client, pipelineName)))
        {
            throw new InvalidOperationException($"The client of {client} has a pipeline '{pipelineName}' already. Give this one another name.");
        }

        AddPipeline(builder, pipelineName, configure);
        return builder.AddInterceptor(services => new ResilienceInterceptor(Find(services, client, pipelineName), attemptTimeout: null));
    }

    /// <summary>Whether repeating a failed call can help and does no harm: the failure is transient, and the call did not run or its method is idempotent.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="method">The method that was called.</param>
    public static bool CanRetry(RpcException exception, RpcMethod method)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(method);
        return RepeatRule.CanRetry(exception, method);
    }

    /// <summary>The method whose call a pipeline of <see cref="AddResilience"/> runs.</summary>
    /// <param name="context">The context that strategies and their predicates get.</param>
    /// <exception cref="InvalidOperationException">The pipeline does not run a call of RpcGen.</exception>
    public static RpcMethod GetRpcMethod(this ResilienceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetCall().Method;
    }

    private static void AddPipeline(RpcClientBuilder builder, string name, Action<ResiliencePipelineBuilder, IServiceProvider> configure) =>
        builder.Services.AddResiliencePipeline(NameOf(NameOf(builder), name), (pipeline, context) =>
        {
            pipeline.TimeProvider = context.ServiceProvider.GetService<TimeProvider>();
            configure(pipeline, context.ServiceProvider);
        });

    private static ResiliencePipeline Find(IServiceProvider services, string client, string name) =>
        services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(NameOf(client, name));

    private static string NameOf(string client, string pipeline) => $"{client}-{pipeline}";

    /// <summary>The name of the client's options.</summary>
    private static string NameOf(RpcClientBuilder builder)
    {
        string contract = builder.Contract.ToString().Replace('+', '.');
        return builder.ServiceKey is null ? contract : $"{builder.ServiceKey}:{contract}";
    }
}
