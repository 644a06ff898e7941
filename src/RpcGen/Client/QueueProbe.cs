using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// Looks at queues without sending anything to them: on a channel of its own, for a missing queue closes it; one look at
/// a time per queue, remembered for a second.
/// </summary>
internal sealed class QueueProbe(Supervisor<ITransportConnection> connections, RpcEnvironment environment) : IAsyncDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(1);

    /// <summary>A broker that is slower than this is not waited for: the report says unknown.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<QueueReport>> _looks = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();

    /// <summary>The last report, if it is recent; else null.</summary>
    public QueueReport? Latest(string queue)
    {
        lock (_gate)
        {
            return _looks.TryGetValue(queue, out Task<QueueReport>? look) && look.IsCompletedSuccessfully && IsRecent(look.Result) ? look.Result : null;
        }
    }

    /// <summary>Looks at a queue, or gives the look that is under way or recent. Never fails.</summary>
    public Task<QueueReport> InspectAsync(string queue)
    {
        lock (_gate)
        {
            if (_looks.TryGetValue(queue, out Task<QueueReport>? look) && (!look.IsCompletedSuccessfully || IsRecent(look.Result)))
            {
                return look;
            }

            using (AmbientFlow.Suppress())
            {
                return _looks[queue] = Task.Run(() => LookAsync(queue));
            }
        }
    }

    public ValueTask DisposeAsync() => new(_disposed.CancelAsync());

    private bool IsRecent(QueueReport report) => environment.Time.GetElapsedTime(report.At) < Remembered;

    private async Task<QueueReport> LookAsync(string queue)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, environment.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _disposed.Token);
            ITransportConnection connection = await connections.GetAsync(either.Token).ConfigureAwait(false);
            ITransportChannel channel = await connection.OpenChannelAsync(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                QueueState state = await channel.InspectQueueAsync(queue, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
                return Report(isKnown: true, exists: true, state);
            }
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound)
        {
            return Report(isKnown: true, exists: false, default);
        }
#pragma warning disable CA1031 // Whatever kept the broker from answering: the state is unknown, and the report says so.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Report(isKnown: false, exists: false, default);
        }
    }

    private QueueReport Report(bool isKnown, bool exists, QueueState state) => new(isKnown, exists, state, environment.Time.GetTimestamp());
}
