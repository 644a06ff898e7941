using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Probing;

/// <summary>
/// Inspects queues without sending anything to them. Each inspection has a channel of its own, because a missing queue
/// closes the channel. A queue has one inspection at a time, and its report is reused for a second. Thread-safe.
/// </summary>
internal sealed class QueueProbe(Supervisor<ITransportConnection> connections, RpcEnvironment environment) : IAsyncDisposable
{
    /// <summary>How long a report is reused.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>The time for one inspection. After it the report says "unknown".</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<QueueReport>> _inspections = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();
    private SweepMark _mark;

    /// <summary>The number of queues of which a report is kept.</summary>
    internal int KnownQueues
    {
        get
        {
            lock (_gate)
            {
                return _inspections.Count;
            }
        }
    }

    /// <summary>The last report if it is recent; otherwise null.</summary>
    public QueueReport? Latest(string queue)
    {
        lock (_gate)
        {
            return _inspections.TryGetValue(queue, out Task<QueueReport>? inspection) && inspection.IsCompletedSuccessfully && IsRecent(inspection.Result)
                ? inspection.Result
                : null;
        }
    }

    /// <summary>Inspects a queue, or joins the inspection that is running or recent. Never fails.</summary>
    public Task<QueueReport> InspectAsync(string queue)
    {
        lock (_gate)
        {
            if (_inspections.TryGetValue(queue, out Task<QueueReport>? inspection) && (!inspection.IsCompletedSuccessfully || IsRecent(inspection.Result)))
            {
                return inspection;
            }

            if (_mark.IsReached(_inspections.Count))
            {
                Sweep();
            }

            using (AmbientFlow.Suppress())
            {
                QueueReport? before = inspection is { IsCompletedSuccessfully: true } ? inspection.Result : null;
                return _inspections[queue] = Task.Run(() => RunAsync(queue, before));
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(_disposed.CancelAsync());

    private bool IsRecent(QueueReport report) => environment.Time.GetElapsedTime(report.At) < MaxAge;

    private void Sweep()
    {
        foreach ((string queue, Task<QueueReport> inspection) in _inspections)
        {
            if (inspection.IsCompletedSuccessfully && !IsRecent(inspection.Result))
            {
                _inspections.Remove(queue); // allowed while a dictionary is enumerated
            }
        }

        _mark.Set(_inspections.Count);
    }

    private async Task<QueueReport> RunAsync(string queue, QueueReport? before)
    {
        try
        {
            using var timeout = new CancellationTokenSource(Timeout, environment.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _disposed.Token);
            ITransportConnection connection = await connections.GetAsync(either.Token).ConfigureAwait(false);
            ITransportChannel channel = await connection.OpenChannelAsync(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                QueueState state = await channel.InspectQueueAsync(queue, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
                return After(before, Report(isKnown: true, exists: true, state));
            }
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound)
        {
            return Report(isKnown: true, exists: false, default) with { Unreachable = UnreachableQueues.DescribeIn(e.Code, e.Message) };
        }
#pragma warning disable CA1031 // If the broker does not answer, for any reason, the state is unknown, and the report says so.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Report(isKnown: false, exists: false, default);
        }
    }

    /// <summary>Adds the time since which the queue has no consumer, if the inspection before found none either.</summary>
    private QueueReport After(QueueReport? before, QueueReport report) => report.IsUnserved && before is { IsUnserved: true, Exists: true }
        ? report with { UnservedFor = before.UnservedFor + environment.Time.GetElapsedTime(before.At, report.At) }
        : report;

    private QueueReport Report(bool isKnown, bool exists, QueueState state) => new(isKnown, exists, state, environment.Time.GetTimestamp());
}
