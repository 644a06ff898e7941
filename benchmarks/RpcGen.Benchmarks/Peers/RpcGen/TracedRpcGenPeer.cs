using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers.RpcGen;

/// <summary>
/// Calls with metadata and trace state, while the OpenTelemetry SDK records every span and measurement, and exports them to nowhere.
/// It listens only while this peer is measured. With <c>--separate</c>, servers record nothing.
/// </summary>
internal sealed class TracedRpcGenPeer(string name, string description) : RpcGenPeer<ICalculator>(name, description)
{
    protected override IPeerClient CreateClient(RpcConnection connection, ICalculator calculator) =>
        new Client(connection, calculator.With(metadata: new RpcMetadata { ["tenant"] = "acme", ["region"] = "north" }));

    private sealed class Client(RpcConnection connection, ICalculator calculator) : IPeerClient
    {
        private readonly Activity _parent = new("caller") { TraceStateString = "vendor=4bf92f3577b34da6" };

        public ValueTask<int> AddAsync(int a, int b)
        {
            Activity.Current = _parent;
            return calculator.AddAsync(a, b);
        }

        public ValueTask<Document> EchoAsync(Document document)
        {
            Activity.Current = _parent;
            return calculator.EchoAsync(document);
        }

        public IDisposable BeginMeasuring()
        {
            if (_parent.Id is null)
            {
                _parent.ActivityTraceFlags = ActivityTraceFlags.Recorded;
                _parent.SetIdFormat(ActivityIdFormat.W3C).Start();
            }

            return new Listening();
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }

    private sealed class Listening : IDisposable
    {
        private readonly TracerProvider _tracing = Sdk.CreateTracerProviderBuilder()
            .AddSource(RpcTelemetry.Name)
            .SetSampler(new AlwaysOnSampler())
            .AddProcessor(new BatchActivityExportProcessor(new Nowhere<Activity>()))
            .Build();

        private readonly MeterProvider _metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter(RpcTelemetry.Name)
            .AddReader(new PeriodicExportingMetricReader(new Nowhere<Metric>()))
            .Build();

        public void Dispose()
        {
            _tracing.Dispose();
            _metrics.Dispose();
        }
    }

    private sealed class Nowhere<T> : BaseExporter<T>
        where T : class
    {
        public override ExportResult Export(in Batch<T> batch) => ExportResult.Success;
    }
}
