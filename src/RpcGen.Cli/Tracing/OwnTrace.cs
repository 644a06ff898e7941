using System.Diagnostics;

namespace RpcGen.Cli.Tracing;

/// <summary>A trace of its own, which is sampled, so that services pass it on.</summary>
internal sealed class OwnTrace : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly Activity _root;
    private readonly Activity? _before = Activity.Current;

    /// <summary>Starts the trace. It is current for the calling method.</summary>
    public OwnTrace()
    {
        _root = new Activity("rpcgen trace") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        _root.SetIdFormat(ActivityIdFormat.W3C);
        Activity.Current = null;
        _root.Start();
        _root.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == RpcTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == _root.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The id of the trace.</summary>
    public string Id => _root.TraceId.ToHexString();

    public void Dispose()
    {
        _listener.Dispose();
        _root.Dispose();
        Activity.Current = _before;
    }
}
