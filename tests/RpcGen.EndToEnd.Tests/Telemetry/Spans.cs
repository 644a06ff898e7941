using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>What is listened to is listened to by the whole process: these tests run by themselves.</summary>
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

    /// <summary>The span that the test is in, until it is disposed.</summary>
    public Activity Root { get; }

    public static Spans Collect(Sampler? sampler = null, params string[] more) => new([RpcTelemetry.Name, .. more], sampler);

    /// <summary>The trace's spans, once there are as many as the test expects besides its own.</summary>
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

    /// <summary>Every span that ended, whatever its trace.</summary>
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
