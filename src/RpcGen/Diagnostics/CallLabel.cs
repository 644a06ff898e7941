namespace RpcGen.Diagnostics;

/// <summary>A method as telemetry names it; one object for all its calls. Made with the client or server, filled by the first call that is observed.</summary>
/// <param name="service">The contract's own queue, which identifies it wherever it is served.</param>
/// <param name="method">The method's wire name; <see cref="TelemetryNames.Other"/> for methods that there are not.</param>
/// <param name="queue">The queue that is used.</param>
internal sealed class CallLabel(string service, string method, string queue)
{
    private string? _method;
    private KeyValuePair<string, object?>[]? _tags;

    /// <summary>The method, as <c>rpc.method</c> has it.</summary>
    public string Method => _method ??= method == TelemetryNames.Other ? method : $"{service}/{method}";

    /// <summary>The name of spans: the system's for methods that there are not.</summary>
    public string SpanName => method == TelemetryNames.Other ? TelemetryNames.RpcGen : Method;

    /// <summary>What a sampler sees of a span.</summary>
    public KeyValuePair<string, object?>[] Tags => _tags ??=
    [
        new(TelemetryNames.System, TelemetryNames.RpcGen),
        new(TelemetryNames.Method, Method),
        new(TelemetryNames.Destination, queue),
    ];
}
