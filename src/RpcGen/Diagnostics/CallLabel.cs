namespace RpcGen.Diagnostics;

/// <summary>A method's names in telemetry, shared by all its calls. They are computed when a call is first observed. Thread-safe.</summary>
/// <param name="service">The contract's default queue, which identifies the contract even if it is served on another queue.</param>
/// <param name="method">The method's wire name; <see cref="TelemetryNames.Other"/> for unknown methods.</param>
/// <param name="queue">The queue in use.</param>
internal sealed class CallLabel(string service, string method, string queue)
{
    private string? _method;
    private KeyValuePair<string, object?>[]? _tags;

    /// <summary>The value of <c>rpc.method</c>.</summary>
    public string Method => _method ??= method == TelemetryNames.Other ? method : $"{service}/{method}";

    /// <summary>The queue in use.</summary>
    public string Queue => queue;

    /// <summary>The name of the method's spans; for unknown methods, the name of the RPC system.</summary>
    public string SpanName => method == TelemetryNames.Other ? TelemetryNames.RpcGen : Method;

    /// <summary>The attributes that a sampler sees.</summary>
    public KeyValuePair<string, object?>[] Tags => _tags ??=
    [
        new(TelemetryNames.System, TelemetryNames.RpcGen),
        new(TelemetryNames.Method, Method),
        new(TelemetryNames.ServerAddress, queue),
        new(TelemetryNames.Destination, queue),
    ];
}
