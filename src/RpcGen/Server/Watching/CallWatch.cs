using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server.Watching;

/// <summary>One watch: the events that wait to be sent to one asker, and how many were left out. Thread-safe.</summary>
/// <param name="asker">The callback queue that gets the events.</param>
internal sealed class CallWatch(string asker)
{
    /// <summary>Further events of the same second are only counted.</summary>
    public const int MaxPerSecond = 500;

    /// <summary>The most events in a message.</summary>
    public const int MaxPerMessage = 64;

    private readonly Lock _gate = new();
    private readonly Queue<CallEvent> _waiting = new();
    private RpcWatchFilter _filter = new();
    private CorrelationId _id;
    private long _end;
    private long _second;
    private int _countOfSecond;
    private long _omitted;

    /// <summary>The callback queue that gets the events.</summary>
    public string Asker => asker;

    /// <summary>Sets what is watched, and until when.</summary>
    /// <param name="id">The id that the events have.</param>
    /// <param name="filter">Which calls.</param>
    /// <param name="end">When the watch ends, as a timestamp of the clock.</param>
    public void Renew(CorrelationId id, RpcWatchFilter filter, long end)
    {
        lock (_gate)
        {
            (_id, _filter, _end) = (id, filter, end);
        }
    }

    /// <summary>Whether the watch is over.</summary>
    /// <param name="now">A timestamp of the clock.</param>
    public bool IsOver(long now)
    {
        lock (_gate)
        {
            return now >= _end;
        }
    }

    /// <summary>Keeps an event until it is sent, or counts it as left out. Waits for nothing.</summary>
    /// <param name="ended">The event.</param>
    /// <param name="second">The second of the clock.</param>
    public void Add(in CallEvent ended, long second)
    {
        lock (_gate)
        {
            if (!Covers(in ended))
            {
                return;
            }

            if (second != _second)
            {
                _second = second;
                _countOfSecond = 0;
            }

            if (_countOfSecond >= MaxPerSecond || _waiting.Count >= MaxPerSecond)
            {
                _omitted++;
                return;
            }

            _countOfSecond++;
            _waiting.Enqueue(ended);
        }
    }

    /// <summary>Whether there is something to send.</summary>
    public bool HasNews
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0 || _omitted > 0;
            }
        }
    }

    /// <summary>Writes the next message.</summary>
    /// <param name="body">The message's body.</param>
    /// <param name="instance">The id of the instance.</param>
    /// <param name="id">The id that the message has.</param>
    /// <returns>How many calls it stands for, with those that are only counted; 0 if there is nothing to send.</returns>
    public long WriteNext(PooledBuffer body, string instance, out CorrelationId id)
    {
        CallEvent[] events;
        long omitted;
        lock (_gate)
        {
            id = _id;
            omitted = _omitted;
            _omitted = 0;
            events = new CallEvent[Math.Min(_waiting.Count, MaxPerMessage)];
            for (int i = 0; i < events.Length; i++)
            {
                events[i] = _waiting.Dequeue();
            }
        }

        if (events.Length == 0 && omitted == 0)
        {
            return 0;
        }

        var writer = JsonWriters.Rent(body);
        writer.WriteStartObject();
        writer.WriteString("instance", instance);
        writer.WriteNumber("omitted", omitted);
        writer.WriteStartArray("events");
        foreach (CallEvent ended in events)
        {
            ended.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        JsonWriters.Return(writer);
        return events.Length + omitted;
    }

    /// <summary>Counts events as left out that could not be sent.</summary>
    public void AddOmitted(long count)
    {
        lock (_gate)
        {
            _omitted += count;
        }
    }

    private bool Covers(in CallEvent ended) =>
        (!_filter.OnlyFailures || ended.Outcome != RpcCallOutcome.Answered) &&
        (_filter.Method is null || _filter.Method == ended.Method) &&
        (_filter.TraceId is null || _filter.TraceId == ended.Trace);
}
