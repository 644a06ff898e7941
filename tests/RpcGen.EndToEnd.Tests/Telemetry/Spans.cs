using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>Listeners are process-wide, so these tests do not run in parallel with others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ListensToAll
{
    public const string Name = "Telemetry";
}

/// <summary>Collects the spans of one trace as OpenTelemetry exports them.</summary>
internal sealed class Spans : IDisposable
{
    private static readonly ActivitySource Test = new("RpcGen.EndToEnd.Tests");

    private readonly List<Activity> _exported = [];
    private readonly TracerProvider _provider;

    private Spans(string[] sources, Sampler? sampler)
    {
        _provider = Sdk.CreateTracerProviderBuilder()
            .AddSource([Test.Name, .. sources])
            .SetSampler(sampler ?? new AlwaysOnSampler())
            .AddProcessor(new SimpleActivityExportProcessor(new ListExporter(_exported)))
            .Build();
        Root = Test.StartActivity("test")!;
    }

    /// <summary>The test's own span, until it is disposed.</summary>
    public Activity Root { get; }

    public static Spans Collect(Sampler? sampler = null, params string[] more) => new([RpcTelemetry.Name, .. more], sampler);

    /// <summary>The spans of the trace, once the expected number has ended, without the test's own span.</summary>
    public async Task<Activity[]> WaitAsync(int count)
    {
        await Harness.Wait.UntilAsync(() => Ended().Length >= count, $"there are {count} spans");
        return Ended();
    }

    public Activity[] Ended()
    {
        lock (_exported)
        {
            return [.. _exported.Where(span => span.TraceId == Root.TraceId && span != Root)];
        }
    }

    /// <summary>Every span that ended, of all traces.</summary>
    public Activity[] EndedInAnyTrace()
    {
        lock (_exported)
        {
            return [.. _exported.Where(span => span != Root)];
        }
    }

    public void Dispose()
    {
        Root.Dispose();
        _provider.Dispose();
    }

    private sealed class ListExporter(List<Activity> spans) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            lock (spans)
            {
                foreach (Activity span in batch)
                {
                    spans.Add(span);
                }
            }

            return ExportResult.Success;
        }
    }
}
