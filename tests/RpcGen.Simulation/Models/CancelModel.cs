using RpcGen.Server.Acknowledging;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>A cancel looks for a call without a lock, while calls around it in the same chain end, and their objects are used again.</summary>
internal sealed class CancelModel : Model
{
    private const int MaxRunning = 8;

    private readonly RunningCalls _running = new(MaxRunning);
    private readonly Lock _gate = new();
    private readonly EarliestDeadline _deadlines;
    private readonly ServerCall _first;
    private readonly ServerCall _last;
    private readonly string[] _ids;

    public CancelModel()
    {
        _deadlines = new EarliestDeadline(Time, static _ => long.MaxValue);
        int buckets = 2 * MaxRunning;
        string[] all = [.. Enumerable.Range(0, 1000).Select(static number => $"call-{number}")];
        int chain = BucketOf(all[0]);
        string elsewhere = all.First(id => BucketOf(id) != chain);
        _ids = [.. all.Where(id => BucketOf(id) == chain).Take(3), elsewhere];
        _running.Add(Call(_ids[0]));
        _last = Call(_ids[1]);
        _running.Add(_last);
        _first = Call(_ids[2]);
        _running.Add(_first);

        int BucketOf(string id) => new CorrelationId(id).Normalize().GetHashCode() & (buckets - 1);
    }

    public override IReadOnlyList<Action> Threads =>
    [
        () => Must(_running.TryCancel("reply", new CorrelationId(_ids[0])), "a call that runs is not found"),
        () => UseAgain(_first),
        () => UseAgain(_last),
    ];

    public override void Check() => Must(_running.Count == 3, "every call runs");

    /// <summary>Ends a call and starts another one, in another chain, with the same object.</summary>
    private void UseAgain(ServerCall call) => Locked(_gate, () =>
    {
        _running.Remove(call);
        call.Reset();
        Begin(call, _ids[3]);
        _running.Add(call);
    });

    private ServerCall Call(string id)
    {
        var call = new ServerCall(_deadlines);
        Begin(call, id);
        return call;
    }

    private static void Begin(ServerCall call, string id)
    {
        call.Begin(new Delivery(), new IncomingMessage { Type = "Do", CorrelationId = id, ReplyTo = "reply" });
        call.Delivery.Begin(new IncomingMessage { ReplyTo = "reply" }, receivedAt: 0, maxBodyBytes: 0);
    }
}
