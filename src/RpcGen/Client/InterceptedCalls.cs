using RpcGen.Client.Calls;

namespace RpcGen.Client;

/// <summary>Turns settings of a call into what interceptors see, and back.</summary>
internal static class InterceptedCalls
{
    /// <summary>The call as the first interceptor sees it.</summary>
    public static RpcClientCall<TArguments> Create<TArguments>(
        RpcMethod method, MethodSettings settings, TimeProvider time, RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken)
        where TArguments : struct
    {
        var call = new RpcClientCall<TArguments>(method, settings.Route.Queue, time, arguments)
        {
            Timeout = options.Timeout ?? settings.Timeout,
            FailFast = options.FailFast ?? settings.FailFast,
            ReplyMetadata = options.ReplyMetadata ?? [],
            CancellationToken = cancellationToken,
        };
        foreach ((string name, string value) in options.Metadata ?? [])
        {
            call.Metadata[name] = value;
        }

        call.Settings = options;
        return call;
    }

    /// <summary>The settings that the interceptors have left, with what remains of the time.</summary>
    /// <exception cref="RpcTimeoutException">No time is left.</exception>
    public static RpcCallOptions ReadOptions(RpcClientCall call)
    {
        TimeSpan remaining = call.Remaining;
        if (remaining == TimeSpan.Zero)
        {
            throw CallExceptions.NoTimeLeft(call.Method.Name, call.Timeout);
        }

        return new RpcCallOptions
        {
            Timeout = remaining,
            FailFast = call.FailFast,
            Priority = call.Settings.Priority,
            Metadata = call.Metadata.Count == 0 ? null : call.Metadata,
            ReplyMetadata = call.ReplyMetadata,
            Observation = call.Observation,
        };
    }
}
