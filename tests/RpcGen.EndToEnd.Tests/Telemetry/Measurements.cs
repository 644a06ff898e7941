using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>Collects measurements as OpenTelemetry exports them.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly List<Metric> _exported = [];
    private readonly MeterProvider _provider;

    public Measurements() => _provider = Sdk.CreateMeterProviderBuilder().AddMeter(RpcTelemetry.Name).AddInMemoryExporter(_exported).Build();

    /// <summary>The instrument's points that have these tags.</summary>
    public List<MetricPoint> Points(string instrument, params (string Name, object Value)[] tags)
    {
        _exported.Clear();
        _provider.ForceFlush();
        var points = new List<MetricPoint>();
        foreach (Metric metric in _exported.Where(metric => metric.Name == instrument))
        {
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                if (tags.All(Tags(point).Contains))
                {
                    points.Add(point);
                }
            }
        }

        return points;
    }

    public long Sum(string instrument, params (string Name, object Value)[] tags) => Points(instrument, tags).Sum(point => point.GetSumLong());

    public static List<(string Name, object Value)> Tags(in MetricPoint point)
    {
        var tags = new List<(string, object)>();
        foreach (KeyValuePair<string, object?> tag in point.Tags)
        {
            tags.Add((tag.Key, tag.Value!));
        }

        return tags;
    }

    public void Dispose() => _provider.Dispose();
}
