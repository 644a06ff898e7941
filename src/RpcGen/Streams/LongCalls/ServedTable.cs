using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams.LongCalls;

/// <summary>
/// The long calls that this process runs, and their callers. Without I/O; times are given. Not thread-safe: <see cref="ServedLongCalls"/> calls it under
/// its lock.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Move of a call</term><description>Cause</description></listheader>
/// <item><term>running → announced</term><description><see cref="TryAnnounce"/>: its caller is told who runs it.</description></item>
/// <item><term>announced → adopted</term><description><see cref="OnWaiting"/> lists it, and it has not ended: its request is acknowledged.</description></item>
/// <item><term>announced → over</term><description>The call ends, and is answered like other calls; or the broker returns the announcement (<see cref="OnReturned"/>), because the caller is gone.</description></item>
/// <item><term>adopted → unwanted</term><description><see cref="OnWaiting"/> of its caller does not list it, or the caller is lost (<see cref="Tick"/>).</description></item>
/// <item><term>adopted → answered</term><description><see cref="Complete"/>: the outcome is kept until the caller has it.</description></item>
/// <item><term>answered → answered, sent again</term><description>The caller lists it from another queue, or in two messages: it does not have the outcome.</description></item>
/// <item><term>answered → over</term><description>The caller does not list it any more, or is lost.</description></item>
/// </list>
/// </remarks>
/// <param name="time">Converts timestamps.</param>
internal sealed class ServedTable(TimeProvider time)
{
    private readonly Dictionary<LongCallName, ServedLongCall> _calls = [];
    private readonly Dictionary<string, LongPeer> _callers = new(StringComparer.Ordinal);
    private long _runs = WaitingCall.AnyRun;

    /// <summary>How many calls there are.</summary>
    public int Count => _calls.Count;

    /// <summary>The calls whose callers have not said yet that they wait.</summary>
    public IEnumerable<ServedLongCall> Announced => _calls.Values.Where(static call => call is { Caller: null, IsOver: false });

    /// <summary>Adds a call that is about to be announced. False if a call of this name is there already.</summary>
    public bool TryAnnounce(ServedLongCall call)
    {
        if (_calls.TryGetValue(call.Name, out ServedLongCall? former) && former is { IsOver: false, Reply: null })
        {
            return false;
        }

        call.Run = ++_runs;
        _calls[call.Name] = call;
        return true;
    }

    /// <summary>A caller says which calls it waits for.</summary>
    public WaitingOutcome OnWaiting(string queue, WaitingBody body, Func<ServedLongCall, string> ownInstanceFor, long now)
    {
        var outcome = new WaitingOutcome();
        LongPeer? caller = _callers.GetValueOrDefault(body.Sender.Instance);
        if (caller is not null && body.Number <= caller.LastNumber)
        {
            return outcome; // overtaken by a later one
        }

        outcome.HasMoved = caller is not null && caller.OnHeard(queue, body.Sender.Every, now);
        foreach ((LongCallName name, long run) in body.Calls)
        {
            ServedLongCall? call = _calls.TryGetValue(name, out ServedLongCall? found) && (run == found.Run || run == WaitingCall.AnyRun) ? found : null;
            if (call is { Caller: null, IsOver: false } && call.TryAdopt())
            {
                caller ??= AddCaller(body.Sender, ownInstanceFor(call), queue, now);
                call.Caller = caller;
                outcome.Adopted.Add(call);
            }
            else if (call?.Caller is null || call.Caller != caller || call is { IsOver: true, Reply: null })
            {
                outcome.Unknown.Add(name.Id);
                continue;
            }

            call.ListedIn = body.Number;
            if (call.Reply is not null && (call.SentTo != queue || ++call.ListedSinceSent > 1))
            {
                outcome.Unsent.Add(call);
            }
        }

        outcome.Caller = caller;
        if (caller is not null)
        {
            caller.LastNumber = body.Number;
            DropUnlisted(caller, outcome);
        }

        return outcome;
    }

    /// <summary>A caller says from which queue it speaks now.</summary>
    /// <returns>The caller; null for an unknown one.</returns>
    public LongPeer? OnMoved(string instance, string queue, long now)
    {
        LongPeer? caller = _callers.GetValueOrDefault(instance);
        caller?.OnHeard(queue, caller.Every, now);
        return caller;
    }

    /// <summary>A call has its outcome.</summary>
    /// <returns>Whether its caller can be told now. It can be lost, or be connecting again.</returns>
    public bool Complete(ServedLongCall call, LongReply reply)
    {
        if (_calls.GetValueOrDefault(call.Name) != call || call.Reply is not null)
        {
            return false;
        }

        call.Reply = reply;
        return call.Caller is { IsGone: false };
    }

    /// <summary>The outcome is about to be sent.</summary>
    /// <returns>The queue; null if the caller is lost or has the outcome.</returns>
    public string? BeginSending(ServedLongCall call)
    {
        if (_calls.GetValueOrDefault(call.Name) != call)
        {
            return null;
        }

        (call.SentTo, call.ListedSinceSent) = (call.Caller!.Queue, 0);
        return call.SentTo;
    }

    /// <summary>A message came back: the queue is gone.</summary>
    /// <returns>The call whose announcement it was; null for none.</returns>
    public ServedLongCall? OnReturned(LongCallName name)
    {
        foreach (LongPeer caller in _callers.Values.Where(caller => caller.Queue == name.ReplyTo))
        {
            caller.OnReturned();
        }

        foreach (ServedLongCall call in _calls.Values.Where(call => call.SentTo == name.ReplyTo))
        {
            call.SentTo = null;
        }

        return _calls.TryGetValue(name, out ServedLongCall? announced) && announced.Caller is null && _calls.Remove(name) ? announced : null;
    }

    /// <summary>The connection of this process was lost, and is back.</summary>
    /// <returns>The calls whose outcome may not have arrived.</returns>
    public List<ServedLongCall> OnReconnected(long now)
    {
        foreach (LongPeer caller in _callers.Values)
        {
            caller.OnHeard(now);
        }

        return [.. _calls.Values.Where(static call => call.Reply is not null)];
    }

    /// <summary>Time has passed: finds lost callers, and forgets calls that are over.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="isDeaf">Whether nothing could be heard or said: then the time does not count.</param>
    /// <returns>The running calls of lost callers.</returns>
    public List<ServedLongCall> Tick(long now, bool isDeaf)
    {
        var unwanted = new List<ServedLongCall>();
        foreach (LongPeer caller in _callers.Values)
        {
            if (isDeaf)
            {
                caller.OnHeard(now);
            }
        }

        foreach (ServedLongCall call in _calls.Values.ToList())
        {
            bool isLost = call.Caller?.IsLost(time, now) == true;
            if (isLost || call is { IsOver: true, Reply: null })
            {
                _calls.Remove(call.Name);
            }

            if (isLost && call is { IsOver: false, Reply: null })
            {
                unwanted.Add(call);
            }
        }

        ForgetIdleCallers();
        return unwanted;
    }

    /// <summary>The callers, each with the calls that this process answers.</summary>
    public List<(LongPeer Caller, LongCallName[] Calls)> Report() =>
        [.. _calls.Values.Where(static call => call.Caller is not null && (!call.IsOver || call.Reply is not null)).GroupBy(static call => call.Caller!, static call => call.Name).Select(static calls => (calls.Key, calls.ToArray()))];

    /// <summary>The calls that this process answers for a caller.</summary>
    public LongCallName[] CallsOf(LongPeer caller) =>
        [.. _calls.Values.Where(call => call.Caller == caller && (!call.IsOver || call.Reply is not null)).Select(static call => call.Name)];

    /// <summary>The running call of a name that a caller waits for; null for an unknown one.</summary>
    public ServedLongCall? Find(LongCallName name) => _calls.GetValueOrDefault(name) is { Caller: not null, Reply: null } call ? call : null;

    private LongPeer AddCaller(LongCallSender sender, string ownInstance, string queue, long now)
    {
        var caller = new LongPeer(sender.Instance, ownInstance);
        caller.OnHeard(queue, sender.Every, now);
        _callers.Add(sender.Instance, caller);
        return caller;
    }

    private void DropUnlisted(LongPeer caller, WaitingOutcome outcome)
    {
        foreach (ServedLongCall call in _calls.Values.Where(call => call.Caller == caller && call.ListedIn != caller.LastNumber).ToList())
        {
            _calls.Remove(call.Name);
            if (call is { Reply: null, IsOver: false })
            {
                outcome.Unwanted.Add(call);
            }
        }
    }

    private void ForgetIdleCallers()
    {
        HashSet<LongPeer> busy = [.. _calls.Values.Select(static call => call.Caller).OfType<LongPeer>()];
        foreach (LongPeer idle in _callers.Values.Where(caller => !busy.Contains(caller)).ToList())
        {
            _callers.Remove(idle.Instance);
        }
    }
}

/// <summary>What follows from a caller's message.</summary>
internal sealed class WaitingOutcome
{
    /// <summary>The caller; null if this process answers none of its calls.</summary>
    public LongPeer? Caller { get; set; }

    /// <summary>Whether the caller speaks from another queue than before.</summary>
    public bool HasMoved { get; set; }

    /// <summary>The calls that were taken over.</summary>
    public List<ServedLongCall> Adopted { get; } = [];

    /// <summary>The calls that the caller does not wait for any more.</summary>
    public List<ServedLongCall> Unwanted { get; } = [];

    /// <summary>The calls whose outcome has to be sent, or sent again.</summary>
    public List<ServedLongCall> Unsent { get; } = [];

    /// <summary>The calls that this process does not answer.</summary>
    public List<CorrelationId> Unknown { get; } = [];
}
