using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams.LongCalls;

/// <summary>
/// The long calls that this process has made, and the servers that run them. Without I/O; times are given. Not thread-safe: <see cref="AwaitedCalls"/>
/// calls it under its lock.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Move of a call</term><description>Cause</description></listheader>
/// <item><term>sent → announced</term><description><see cref="Announce"/>: the server is told that the call is waited for. Another server can take its place.</description></item>
/// <item><term>announced → adopted</term><description><see cref="OnRunning"/> lists it: the broker does not have the request any more. No other server takes its place, and a request that comes back is ignored.</description></item>
/// <item><term>announced → sent</term><description>The server does not know it: its reply is on the way to the callback queue. Or the server is lost before it was told (<see cref="Report"/>), and the broker delivers the request again.</description></item>
/// <item><term>announced → <see cref="AwaitedEnd.SentBack"/></term><description>The same, for a request that has come back.</description></item>
/// <item><term>adopted → <see cref="AwaitedEnd.Forgotten"/></term><description>The server does not know it. The same for an announced call whose callback queue is lost.</description></item>
/// <item><term>adopted → <see cref="AwaitedEnd.Gone"/>, <see cref="AwaitedEnd.Silent"/></term><description><see cref="Tick"/>: the server is lost. The same for an announced call of which the server was told, or whose callback queue is lost.</description></item>
/// <item><term>announced, adopted → over</term><description>It has its outcome. It leaves at the next tick.</description></item>
/// </list>
/// </remarks>
/// <param name="time">Converts timestamps.</param>
/// <param name="nameFor">The name of this process for a server, given that of the server. It stays the same: a server that was lost can still have calls under it.</param>
internal sealed class AwaitedTable(TimeProvider time, Func<string, string> nameFor)
{
    private readonly Dictionary<CorrelationId, AwaitedCall> _calls = [];
    private readonly Dictionary<string, LongPeer> _servers = new(StringComparer.Ordinal);

    /// <summary>Whether there is neither a call nor a server that has to learn of the end of one.</summary>
    public bool IsEmpty => _calls.Count == 0 && _servers.Count == 0;

    /// <summary>How many calls there are.</summary>
    public int Count => _calls.Count;

    /// <summary>A server has announced a call.</summary>
    /// <returns>The server that is to be told that the call is waited for; null for one that comes too late.</returns>
    public LongPeer? Announce(AwaitedCall call, string queue, OpenBody open, long now)
    {
        AwaitedCall awaited = _calls.GetValueOrDefault(call.Name.Id, call);
        bool isSameRun = awaited.Server?.Instance == open.Sender.Instance && awaited.Run == open.Run;
        if (awaited is { IsAdopted: true, IsOver: false } && !isSameRun)
        {
            return null;
        }

        LongPeer server = Hear(queue, open.Sender, now);
        if (awaited.IsOver || awaited.Server is null)
        {
            awaited = call;
        }

        (awaited.Server, awaited.Run, awaited.ToldIn) = (server, open.Run, isSameRun ? awaited.ToldIn : null);
        _calls[call.Name.Id] = awaited;
        return server;
    }

    /// <summary>A server says which calls it answers.</summary>
    /// <param name="queue">The queue that it speaks from.</param>
    /// <param name="body">What it says.</param>
    /// <param name="now">The current timestamp.</param>
    /// <param name="hasMoved">Whether it spoke from another queue before: it is to be told at once that its calls are waited for.</param>
    /// <returns>The calls that it does not answer.</returns>
    public List<(AwaitedCall Call, AwaitedEnd End)> OnRunning(string queue, RunningBody body, long now, out bool hasMoved)
    {
        var ended = new List<(AwaitedCall, AwaitedEnd)>();
        hasMoved = false;
        if (!_servers.TryGetValue(body.Sender.Instance, out LongPeer? server))
        {
            return ended;
        }

        hasMoved = server.OnHeard(queue, body.Sender.Every, now);
        foreach (AwaitedCall call in Of(body.Calls, server, body.Number))
        {
            (call.IsAdopted, call.IsSentBack) = (true, false);
        }

        foreach (AwaitedCall call in Of(body.Unknown, server, body.Number).ToList())
        {
            Leave(call, AwaitedEnd.Forgotten, ended);
        }

        return ended;
    }

    /// <summary>The call that a reply answers; null for an unknown one.</summary>
    public AwaitedCall? Find(CorrelationId id) => _calls.GetValueOrDefault(id) is { IsOver: false } call ? call : null;

    /// <summary>A message to a server came back.</summary>
    /// <returns>Whether it is the first one: the server is to be searched.</returns>
    public bool OnReturned(string queue)
    {
        bool isFirst = false;
        foreach (LongPeer server in _servers.Values.Where(server => server.Queue == queue && !server.IsGone))
        {
            server.OnReturned();
            isFirst = true;
        }

        return isFirst;
    }

    /// <summary>A request came back. True if its call is not to be sent again: a server answers it, or will be asked.</summary>
    public bool TryHoldBack(CorrelationId id)
    {
        if (Find(id) is not { } call)
        {
            return false;
        }

        call.IsSentBack = !call.IsAdopted;
        return true;
    }

    /// <summary>The callback queue of a call is lost. True if the call goes on: its server knows another way.</summary>
    public bool TryDetach(CorrelationId id)
    {
        if (Find(id) is not { } call)
        {
            return false;
        }

        call.IsDetached = true;
        return true;
    }

    /// <summary>Time has passed: finds lost servers, and forgets calls that are over.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="isDeaf">Whether nothing could be heard or said: then the time does not count.</param>
    /// <returns>The calls of lost servers.</returns>
    public List<(AwaitedCall Call, AwaitedEnd End)> Tick(long now, bool isDeaf)
    {
        var ended = new List<(AwaitedCall, AwaitedEnd)>();
        foreach (AwaitedCall over in _calls.Values.Where(static call => call.IsOver).ToList())
        {
            _calls.Remove(over.Name.Id);
        }

        ILookup<LongPeer, AwaitedCall> calls = CallsByServer();
        foreach (LongPeer server in _servers.Values.ToList())
        {
            if (isDeaf)
            {
                server.OnHeard(now);
            }
            else if (server.IsLost(time, now))
            {
                _servers.Remove(server.Instance);
                foreach (AwaitedCall call in calls[server])
                {
                    Leave(call, server.IsGone ? AwaitedEnd.Gone : AwaitedEnd.Silent, ended);
                }
            }
        }

        return ended;
    }

    /// <summary>What each server has to be told: the calls that it is expected to answer. A server is told of the end of its last call, and is then forgotten.</summary>
    /// <param name="number">The number of the messages.</param>
    public List<AwaitedReport> Report(long number)
    {
        var reports = new List<AwaitedReport>();
        ILookup<LongPeer, AwaitedCall> calls = CallsByServer();
        foreach (LongPeer server in _servers.Values.ToList())
        {
            AwaitedCall[] awaited = [.. calls[server].Where(static call => !call.IsOver)];
            if (awaited.Length > 0 || (server.HasListed && !server.IsGone))
            {
                reports.Add(new AwaitedReport(server, [.. awaited.Select(static call => new WaitingCall(call.Name, call.Run))], server.IsGone ? awaited[0].RequestQueue : null));
            }

            Array.ForEach(awaited, call => call.ToldIn ??= server.IsGone ? null : number);
            server.HasListed = awaited.Length > 0;
            if (!server.HasListed)
            {
                _servers.Remove(server.Instance);
            }
        }

        return reports;
    }

    private LongPeer Hear(string queue, LongCallSender sender, long now)
    {
        if (!_servers.TryGetValue(sender.Instance, out LongPeer? server))
        {
            _servers.Add(sender.Instance, server = new LongPeer(sender.Instance, nameFor(sender.Instance)));
        }

        server.OnHeard(queue, sender.Every, now);
        return server;
    }

    private ILookup<LongPeer, AwaitedCall> CallsByServer() => _calls.Values.ToLookup(static call => call.Server!);

    /// <summary>
    /// The calls that a server is asked about. A message that it has sent before it was told of a call means an earlier run of it: the server can have announced the
    /// call again through another queue.
    /// </summary>
    private IEnumerable<AwaitedCall> Of(IEnumerable<CorrelationId> ids, LongPeer server, long heard) =>
        ids.Select(Find).OfType<AwaitedCall>().Where(call => call.Server == server && call.ToldIn <= heard);

    /// <summary>
    /// The server does not answer the call. As long as the call was only announced, it goes on as if nothing had been announced. The exception is a server that is lost
    /// after it was told that the call is waited for: it can have taken the call over, and then the broker does not have the request any more.
    /// </summary>
    private void Leave(AwaitedCall call, AwaitedEnd end, List<(AwaitedCall, AwaitedEnd)> ended)
    {
        _calls.Remove(call.Name.Id);
        if (call.IsOver)
        {
            return;
        }

        if (call.IsSentBack)
        {
            ended.Add((call, AwaitedEnd.SentBack));
        }
        else if (call.IsAdopted || call.IsDetached || (call.ToldIn is not null && end != AwaitedEnd.Forgotten))
        {
            ended.Add((call, end));
        }
    }
}

/// <summary>What a server has to be told.</summary>
/// <param name="Server">The server.</param>
/// <param name="Calls">The calls that it is expected to answer.</param>
/// <param name="SearchIn">If its queue is gone, a request queue through whose instances it can be told where this process is; otherwise null.</param>
internal sealed record AwaitedReport(LongPeer Server, WaitingCall[] Calls, string? SearchIn);
