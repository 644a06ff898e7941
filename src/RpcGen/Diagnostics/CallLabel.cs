namespace RpcGen.Diagnostics;

/// <summary>A method as telemetry names it; one object for all its calls. Made with the client or server, filled by the first call that is observed.</summary>
/// <param name="service">The contract's own queue, which identifies it wherever it is served.</param>
/// <param name="method">The method's wire name; <see cref="TelemetryNames.Other"/> for methods that there are not.</param>
/// <param name="queue">The queue that is used.</param>
internal sealed class CallLabel(string service, string method, string queue)
{
    private string? _name;
    private KeyValuePair<string, object?>[]? _tags;

    /// <summary>The name of spans, and <c>rpc.method</c>.</summary>
    public string Name => _name ??= method == TelemetryNames.Other ? method : $"{service}/{method}";

    /// <summary>What a sampler sees of a span.</summary>
    public KeyValuePair<string, object?>[] Tags => _tags ??=
    [
        new(TelemetryNames.System, TelemetryNames.RpcGen),
        new(TelemetryNames.Method, Name),
        new(TelemetryNames.Destination, queue),
    ];
}
