using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>The calls of a <see cref="StreamLink"/> and the peers that they are open with. Thread-safe.</summary>
internal sealed class StreamTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<CorrelationId, StreamCall> _made = [];
    private readonly Dictionary<(string ReplyTo, CorrelationId Id), StreamCall> _served = [];
    private readonly Dictionary<string, StreamPeer> _peers = new(StringComparer.Ordinal);
    private bool _isClosed;

    /// <summary>How many calls there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _made.Count + _served.Count;
            }
        }
    }

    /// <summary>Adds a call. False if the link is closed, or if the call is there already.</summary>
    public bool TryAdd(StreamCall call)
    {
        lock (_gate)
        {
            return !_isClosed && (call.ServedFor is { } caller ? _served.TryAdd((caller, call.Id), call) : _made.TryAdd(call.Id, call));
        }
    }

    /// <summary>Removes a call. Idempotent.</summary>
    public void Remove(StreamCall call)
    {
        lock (_gate)
        {
            if (call.ServedFor is { } caller)
            {
                RemoveIf(_served, (caller, call.Id), call);
            }
            else
            {
                RemoveIf(_made, call.Id, call);
            }

            Leave(call);
        }
    }

    /// <summary>The call is open with this peer from now on, and with no other.</summary>
    public void Join(StreamCall call, string peerQueue, TimeSpan every, long now)
    {
        lock (_gate)
        {
            bool isHere = call.ServedFor is { } caller ? _served.GetValueOrDefault((caller, call.Id)) == call : _made.GetValueOrDefault(call.Id) == call;
            if (!isHere || call.Peer?.Queue == peerQueue)
            {
                return;
            }

            Leave(call);
            if (!_peers.TryGetValue(peerQueue, out StreamPeer? peer))
            {
                _peers.Add(peerQueue, peer = new StreamPeer(peerQueue, every, now));
            }

            peer.Calls.Add(call);
            call.MoveTo(peer);
        }
    }

    /// <summary>The call that this process has made under an id; null for an unknown one.</summary>
    public StreamCall? FindMade(CorrelationId id)
    {
        lock (_gate)
        {
            return _made.GetValueOrDefault(id);
        }
    }

    /// <summary>The call that this process serves for a caller; null for an unknown one.</summary>
    public StreamCall? FindServed(string replyTo, CorrelationId id)
    {
        lock (_gate)
        {
            return _served.GetValueOrDefault((replyTo, id));
        }
    }

    /// <summary>The peer with a queue; null if no call is open with it.</summary>
    public StreamPeer? FindPeer(string queue)
    {
        lock (_gate)
        {
            return _peers.GetValueOrDefault(queue);
        }
    }

    /// <summary>All peers.</summary>
    public StreamPeer[] Peers()
    {
        lock (_gate)
        {
            return [.. _peers.Values];
        }
    }

    /// <summary>The calls that are open with a peer.</summary>
    public StreamCall[] CallsOf(StreamPeer peer)
    {
        lock (_gate)
        {
            return [.. peer.Calls];
        }
    }

    /// <summary>The calls that this process has made.</summary>
    public StreamCall[] Made()
    {
        lock (_gate)
        {
            return [.. _made.Values];
        }
    }

    /// <summary>All calls. None is added after that.</summary>
    public StreamCall[] Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return [.. _made.Values, .. _served.Values];
        }
    }

    private static void RemoveIf<TKey>(Dictionary<TKey, StreamCall> calls, TKey key, StreamCall call)
        where TKey : notnull
    {
        if (calls.GetValueOrDefault(key) == call)
        {
            calls.Remove(key);
        }
    }

    private void Leave(StreamCall call)
    {
        if (call.Peer is { } peer && peer.Calls.Remove(call) && peer.Calls.Count == 0)
        {
            _peers.Remove(peer.Queue);
        }
    }
}
