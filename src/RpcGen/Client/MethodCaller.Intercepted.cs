using RpcGen.Generated;

namespace RpcGen.Client;

/// <content>Calls that interceptors see first.</content>
internal sealed partial class MethodCaller<TService, TArguments, TResult>
{
    private readonly RpcClientNext<TArguments, TResult>? _pipeline;

    private async ValueTask<TResult> InterceptAsync(RpcClientNext<TArguments, TResult> pipeline, RpcCallOptions settings, TArguments arguments, CancellationToken cancellationToken)
    {
        var call = new RpcClientCall<TArguments>(_method, _service.Queue, _session.Environment.Time, arguments)
        {
            Timeout = settings.Timeout ?? _timeout,
            FailFast = settings.FailFast ?? _failFast,
            ReplyMetadata = settings.ReplyMetadata ?? [],
            CancellationToken = cancellationToken,
        };
        foreach ((string name, string value) in settings.Metadata ?? [])
        {
            call.Metadata[name] = value;
        }

        call.Settings = settings;
        return await pipeline(call).ConfigureAwait(false);
    }

    private async ValueTask InterceptVoidAsync(RpcClientNext<TArguments, TResult> pipeline, RpcCallOptions settings, TArguments arguments, CancellationToken cancellationToken) =>
        await InterceptAsync(pipeline, settings, arguments, cancellationToken).ConfigureAwait(false);

    /// <summary>What comes after the last interceptor: a call like any other, in what is left of the time.</summary>
    private async ValueTask<TResult> CallNextAsync(RpcClientCall<TArguments> call)
    {
        TimeSpan remaining = call.Remaining;
        if (remaining == TimeSpan.Zero)
        {
            throw new RpcTimeoutException($"'{_method.Name}' was not sent again: the call's {call.Timeout.TotalSeconds:0.###} s have passed.");
        }

        var settings = new RpcCallOptions
        {
            Timeout = remaining,
            FailFast = call.FailFast,
            Priority = call.Settings.Priority,
            Metadata = call.Metadata.Count == 0 ? null : call.Metadata,
            ReplyMetadata = call.ReplyMetadata,
        };
        if (_method.ResultType is null)
        {
            await CallVoidCoreAsync(settings, call.Arguments, call.CancellationToken).ConfigureAwait(false);
            return default!;
        }

        return await CallCoreAsync(settings, call.Arguments, call.CancellationToken).ConfigureAwait(false);
    }
}
