using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RpcGen.Diagnostics;

namespace RpcGen.Tests.Diagnostics;

/// <summary>Listens to the spans and measurements of one method. Other tests run at the same time.</summary>
internal sealed class Telemetry : IDisposable
{
    private readonly string _method;
    private readonly ActivityListener? _spans;
    private readonly MeterListener? _measurements;
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object?> Tags)> _measured = new();

    public Telemetry(string method, bool spans = true, bool measurements = true)
    {
        _method = method;
        if (spans)
        {
            _spans = new ActivityListener
            {
                ShouldListenTo = source => source.Name == TelemetryNames.Source,
                Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Name == method ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            };
            ActivitySource.AddActivityListener(_spans);
        }

        if (measurements)
        {
            _measurements = new MeterListener
            {
                InstrumentPublished = static (instrument, listener) =>
                {
                    if (instrument.Meter.Name == TelemetryNames.Source)
                    {
                        listener.EnableMeasurementEvents(instrument);
                    }
                },
            };
            _measurements.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _measurements.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
            _measurements.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _measurements.Start();
        }
    }

    /// <summary>What was measured for the method, or with the method's name as an attribute.</summary>
    public IReadOnlyList<(string Name, double Value, Dictionary<string, object?> Tags)> Measured => [.. _measured];

    /// <summary>Collects the counters that are counted on collection.</summary>
    public void Collect() => _measurements!.RecordObservableInstruments();

    public void Dispose()
    {
        _spans?.Dispose();
        _measurements?.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = new Dictionary<string, object?>();
        foreach ((string name, object? tag) in tags)
        {
            all.Add(name, tag);
        }

        if (all.ContainsValue(_method))
        {
            _measured.Enqueue((instrument.Name, value, all));
        }
    }
}
