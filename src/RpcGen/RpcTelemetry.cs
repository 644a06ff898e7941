namespace RpcGen;

/// <summary>The names under which RpcGen emits traces and metrics. They follow OpenTelemetry's conventions for RPC.</summary>
/// <example><c>builder.Services.AddOpenTelemetry().WithTracing(t => t.AddSource(RpcTelemetry.Name)).WithMetrics(m => m.AddMeter(RpcTelemetry.Name))</c></example>
public static class RpcTelemetry
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string Name = Diagnostics.TelemetryNames.Source;
}
