using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Runtime;

namespace RpcGen.Client;

/// <summary>Passes the calls of one method through interceptors. Thread-safe.</summary>
internal sealed class InterceptedInvoker<TService, TArguments, TResult> : RpcCaller<TArguments, TResult>
    where TService : class
    where TArguments : struct
{
    private readonly RpcCaller<TArguments, TResult> _inner;
    private readonly RpcMethod<TService, TArguments, TResult> _method;
    private readonly MethodSettings _settings;
    private readonly RpcEnvironment _environment;
    private readonly RpcClientNext<TArguments, TResult> _pipeline;

    /// <summary>Creates the invoker.</summary>
    /// <param name="inner">Makes the calls after the last interceptor.</param>
    /// <param name="method">The method.</param>
    /// <param name="settings">Defaults for calls that set nothing themselves.</param>
    /// <param name="interceptors">The interceptors, the first one outermost.</param>
    /// <param name="environment">The clock and the logs.</param>
    public InterceptedInvoker(
        RpcCaller<TArguments, TResult> inner,
        RpcMethod<TService, TArguments, TResult> method,
        MethodSettings settings,
        IReadOnlyList<IRpcClientInterceptor> interceptors,
        RpcEnvironment environment)
    {
        _inner = inner;
        _method = method;
        _settings = settings;
        _environment = environment;
        _pipeline = ClientPipeline.Build<TArguments, TResult>(interceptors, CallNextAsync);
    }

    /// <inheritdoc/>
    public override ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        InterceptAsync(settings, arguments, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        InterceptVoidAsync(settings, arguments, cancellationToken);

    private async ValueTask<TResult> InterceptAsync(RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken)
    {
        ClientObservation? observation = ClientObservation.Begin(_settings.Label, _environment.Time, _environment.CallLog);
        try
        {
            RpcClientCall<TArguments> call = InterceptedCalls.Create(_method, _settings, _environment.Time, options, arguments, cancellationToken);
            call.Observation = observation;
            TResult result = await _pipeline(call).ConfigureAwait(false);
            observation?.EndWhole(exception: null);
            return result;
        }
        catch (Exception e)
        {
            observation?.EndWhole(e);
            throw;
        }
    }

    private async ValueTask InterceptVoidAsync(RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken) =>
        await InterceptAsync(options, arguments, cancellationToken).ConfigureAwait(false);

    /// <summary>The end of the pipeline: a call like any other, in what remains of the time.</summary>
    private async ValueTask<TResult> CallNextAsync(RpcClientCall<TArguments> call)
    {
        RpcCallOptions options = InterceptedCalls.ReadOptions(call);
        if (_method.ResultType is null)
        {
            await _inner.CallVoidAsync(options, call.Arguments, call.CancellationToken).ConfigureAwait(false);
            return default!;
        }

        return await _inner.CallAsync(options, call.Arguments, call.CancellationToken).ConfigureAwait(false);
    }
}
