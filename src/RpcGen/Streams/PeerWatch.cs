using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>
/// Says to each peer of a link that this process is alive, with the calls that are open with it, and finds peers that are silent. Runs
/// while there are calls. Thread-safe.
/// </summary>
internal sealed class PeerWatch : IDisposable
{
    private readonly StreamLink _link;
    private readonly StreamTable _table;
    private readonly StreamSettings _settings;
    private readonly RpcEnvironment _environment;
    private readonly BeatTimer _timer;
    private readonly Lock _gate = new();
    private bool _isRunning;

    public PeerWatch(StreamLink link, StreamTable table, StreamSettings settings, RpcEnvironment environment)
    {
        _link = link;
        _table = table;
        _settings = settings;
        _environment = environment;
        _timer = new BeatTimer(settings.Beat, environment.Time);
    }

    /// <summary>A call was added to the table.</summary>
    public void OnAdded()
    {
        lock (_gate)
        {
            if (!_isRunning)
            {
                _isRunning = true;
                _timer.Start(OnTick);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTick(bool isLate)
    {
        lock (_gate)
        {
            if (_table.Count == 0)
            {
                _isRunning = false;
                _timer.Stop();
                return;
            }
        }

        long now = _environment.Time.GetTimestamp();
        bool isBlocked = _link.BlockedReason is not null;
        foreach (StreamPeer peer in _table.Peers())
        {
            if (isLate || isBlocked)
            {
                peer.OnHeard(now); // nothing could be heard or said: the time does not count
            }

            if (peer.IsSilent(_environment.Time))
            {
                _link.FailPeer(peer, new StreamLoss(
                    StreamLossKind.PeerSilent,
                    $"nothing was heard of the other side for {peer.SilentFor(_environment.Time).TotalSeconds:0.#} s: its process hangs or has lost the broker"));
            }
            else if (!isBlocked && Interlocked.Exchange(ref peer.IsBeatPending, 1) == 0)
            {
                _ = BeatAsync(peer);
            }
        }
    }

    /// <summary>The counts are read first: every message that they count is published before the beat.</summary>
    private async Task BeatAsync(StreamPeer peer)
    {
        try
        {
            BeatEntry[] calls = [.. _table.CallsOf(peer).Select(call => new BeatEntry(call.WireId, call.Sent, call.ServedFor is not null))];
            if (calls.Length > 0)
            {
                await _link.TryPublishAsync(_link.To(peer.Queue, StreamMessageKinds.Beat, default, StreamBodies.WriteBeat(_settings.Beat, calls))).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // A caller's queue or id that AMQP does not carry: its call has no other side then, and ends by silence.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.StreamMessageDropped(GuardedLogger.Guard(_environment.Log), StreamMessageKinds.Beat, null, e.Message);
        }
        finally
        {
            Volatile.Write(ref peer.IsBeatPending, 0);
        }
    }
}
