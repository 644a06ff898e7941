using RpcGen.Streams.LongCalls;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls.Model;

/// <summary>
/// A caller, two servers and a broker without threads and clock: both tables of long calls against each other, with everything between them in
/// random order.
/// </summary>
internal sealed partial class LongCallModel
{
    /// <summary>How often peers say that they are alive.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    private readonly Random _random;
    private readonly ModelTrouble _trouble;
    private readonly ModelCaller _caller;
    private readonly List<(TimeSpan Due, bool IsTick, Action Act)> _agenda = [];
    private TimeSpan _now;
    private TimeSpan _quietUntil = TimeSpan.FromSeconds(1);
    private int _names;
    private bool _isOver;

    /// <param name="seed">Decides everything.</param>
    /// <param name="trouble">What goes wrong.</param>
    public LongCallModel(int seed, ModelTrouble trouble)
    {
        _random = new Random(seed);
        _trouble = trouble;
        Network = new ModelNetwork(_random, Time) { Duplicates = trouble.HasFlag(ModelTrouble.Duplicates) };
        _caller = new ModelCaller(this);
        _caller.OpenCallback();
        _caller.OpenLink();
        Tick(_caller, _caller.Tick, Some(5_000));
        AddServer();
        AddServer();
    }

    public ManualTime Time { get; } = new();

    public ModelNetwork Network { get; }

    /// <summary>All calls.</summary>
    public List<ModelCall> Calls { get; } = [];

    /// <summary>The servers that have not ended.</summary>
    public List<ModelServer> Servers { get; } = [];

    /// <summary>The queue for requests.</summary>
    public List<ModelRequest> Requests { get; } = [];

    public string NewQueue(string name, IModelProcess owner)
    {
        string queue = $"{name} {++_names}";
        Network.Declare(queue, owner);
        return queue;
    }

    public void Run()
    {
        int calls = _random.Next(1, 7);
        for (int step = 0; step < 1_500; step++)
        {
            Step(calls);
        }

        _isOver = true;
        for (int step = 0; step < 20_000 && !IsAtRest; step++)
        {
            Step(calls);
        }

        Assert.True(IsAtRest, $"a call or a table is left: {string.Join(" | ", Calls)}");
        Assert.All(Calls, CheckOutcome);
    }

    /// <summary>A server does not answer a call, says the table of its caller.</summary>
    public void CheckEnd(ModelCall call, AwaitedCall awaited, AwaitedEnd end)
    {
        if (end == AwaitedEnd.Gone)
        {
            Assert.False(Network.Exists(awaited.Server!.Queue), "a server is gone whose queue exists");
            call.Runs.FindAll(run => awaited.Server.Instance == NameOf(run)).ForEach(static run => run.IsGone = true);
        }
        else if (end is AwaitedEnd.Forgotten or AwaitedEnd.SentBack)
        {
            Assert.DoesNotContain(call.Runs, run => awaited.Server!.Instance == NameOf(run) && run is { IsLive: true, IsAdopted: true });
        }
    }

    /// <summary>A handler is about to start.</summary>
    public static void CheckRun(ModelRun run)
    {
        ModelCall call = run.Request.Call;
        Assert.False(call.Kind == ModelKind.AtMostOnce && call.Runs.Count > 0, $"runs again: {call}");
        Assert.False(call.Kind == ModelKind.Unmarked && call.Outcome is null && call.Runs.Exists(static earlier => earlier.IsLive), $"runs twice at the same time: {call}");
    }

    private bool IsAtRest => Calls.TrueForAll(static call => call.Outcome is not null || IsLostAtMostOnce(call)) && (_caller.IsEmpty || _caller.IsDead) && Servers.TrueForAll(static server => server.IsEmpty)
        && Network.OnTheWay == 0 && Requests.Count == 0 && _agenda.TrueForAll(static entry => entry.IsTick);

    /// <summary>A call that runs at most once waits until its time is over if its server was lost before it was taken over, or its reply was.</summary>
    private static bool IsLostAtMostOnce(ModelCall call) => call is { Kind: ModelKind.AtMostOnce, Runs: [{ IsAdopted: false } run] } && (run.IsOver || run.Server.IsDead);

    private static string NameOf(ModelRun run) => $"{run.Server.Name} for {run.Name.ReplyTo}";

    private void CheckOutcome(ModelCall call)
    {
        const ModelTrouble Harmless = ModelTrouble.Duplicates | ModelTrouble.Links;
        if ((_trouble & ~Harmless) == 0 && call.Runs.Exists(static run => run.IsAdopted && run.Request.ReplyTo == run.Request.Call.ReplyTo))
        {
            Assert.True(call.Outcome == "result", $"an adopted call survives the loss of connections: {call}");
        }

        if ((_trouble & ~ModelTrouble.Duplicates) == 0)
        {
            Assert.True(call is { Outcome: "result", Runs.Count: 1 }, $"without trouble there is no failure: {call}");
        }
    }

    private void Step(int calls)
    {
        switch (_random.Next(_isOver ? 22 : 24))
        {
            case < 10:
                Network.DeliverAny();
                break;
            case < 13:
                _caller.Tell();
                break;
            case < 16:
                Serve();
                break;
            case < 19:
                Finish();
                break;
            case < 21:
                Advance(TimeSpan.FromMilliseconds(_random.Next(1, 1000)));
                break;
            case < 22:
                Resend();
                break;
            case < 23:
                Call(calls);
                break;
            default:
                Disturb();
                break;
        }
    }

    private void Call(int calls)
    {
        if (Calls.Count < calls && _caller is { IsDead: false, HasCallback: true, IsFrozen: false })
        {
            var call = new ModelCall(Calls.Count, (ModelKind)_random.Next(3));
            Calls.Add(call);
            _caller.Send(call);
        }
    }

    private void Resend()
    {
        if (!_caller.IsFrozen)
        {
            Calls.ForEach(_caller.Send);
        }
    }

    private void Serve()
    {
        if (Requests.Count > 0 && Servers.FindAll(static server => server is { IsServing: true, IsFrozen: false }) is { Count: > 0 } able)
        {
            int at = _random.Next(Requests.Count);
            ModelRequest request = Requests[at];
            Requests.RemoveAt(at);
            able[_random.Next(able.Count)].Take(request);
        }
    }

    private void Finish()
    {
        if (Servers.Where(static server => !server.IsFrozen).SelectMany(static server => server.Running).ToList() is { Count: > 0 } running && (_isOver || _random.Next(20) == 0))
        {
            ModelRun run = running[_random.Next(running.Count)];
            run.Server.Finish(run, losesChannel: run.Server.IsServing && Has(ModelTrouble.Links) && _random.Next(10) == 0);
            if (!run.Server.IsServing)
            {
                ReopenServing(run.Server);
            }
        }
    }

    private bool Has(ModelTrouble trouble) => !_isOver && _trouble.HasFlag(trouble);

    /// <summary>Moves the clock. No message of a process that is not frozen is late by more than a second.</summary>
    private void Advance(TimeSpan by)
    {
        Time.Advance(by);
        _now += by;
        Network.DeliverLate(LongestDelay);
        foreach ((TimeSpan Due, bool IsTick, Action Act) due in _agenda.Where(entry => entry.Due <= _now).ToList())
        {
            _agenda.Remove(due);
            due.Act();
        }
    }

    private void After(TimeSpan delay, Action act) => _agenda.Add((_now + delay, false, act));

    /// <summary>Lets a process tick until it is dead.</summary>
    private void Tick(IModelProcess process, Action tick, TimeSpan delay) => _agenda.Add((_now + delay, true, () =>
    {
        if (!process.IsFrozen)
        {
            tick();
        }

        if (!process.IsDead)
        {
            Tick(process, tick, Every);
        }
    }));

    private void AddServer()
    {
        var server = new ModelServer(this, $"server {++_names}");
        Servers.Add(server);
        server.OpenServing();
        server.OpenLink();
        Tick(server, server.Tick, Some(5_000));
    }
}
