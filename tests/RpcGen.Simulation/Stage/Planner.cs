using RpcGen.Simulation.Scheduling;
using RpcGen.Simulation.Streaming;

namespace RpcGen.Simulation.Stage;

/// <summary>Makes the plan of a seed.</summary>
internal sealed class Planner(SimRandom random)
{
    /// <summary>The time of a call that no fault of a schedule should make too short.</summary>
    public static readonly TimeSpan LongTimeout = TimeSpan.FromMinutes(2);

    /// <summary>How many schedules in a hundred have streams and long calls.</summary>
    private const int StreamingShare = 27;

    private static readonly double[] Works = [0, 0, 0, 0.05, 3, 40, 300];

    /// <summary>In which faults begin and callers start.</summary>
    private readonly double _busyMilliseconds = random.Pick(20, 300, 3_000);
    private readonly bool _isCalm = random.Percent(15);

    /// <summary>Whether nothing happens but that servers are stopped and started, with time enough for what they run.</summary>
    private readonly bool _isGentle = random.Percent(12);
    private readonly bool _isBursty = random.Percent(50);
    private readonly bool _isQuick = random.Percent(40);

    /// <summary>Whether many call the same queue at the same time, again and again, so that calls share messages.</summary>
    private readonly bool _isStorm = random.Percent(35);
    private int _queues;

    /// <summary>Makes the plan.</summary>
    public Plan Make()
    {
        _queues = random.Between(1, 3);
        var queues = new RpcQueueType[_queues];
        for (int number = 0; number < _queues; number++)
        {
            queues[number] = random.Pick(RpcQueueType.Classic, RpcQueueType.Classic, RpcQueueType.Quorum, RpcQueueType.NonDurable);
        }

        var servers = new ServerPlan[random.Between(_queues, _queues + 2)];
        for (int number = 0; number < servers.Length; number++)
        {
            servers[number] = new ServerPlan(
                number < _queues ? number : random.Below(_queues),
                random.Pick(1, 2, 4, 16, 64),
                _isGentle ? Plan.AmpleGrace : TimeSpan.FromMilliseconds(random.Pick(0, 50, 1_000, 30_000)),
                random.Percent(70));
        }

        var clients = new bool[random.Between(1, 3)];
        for (int number = 0; number < clients.Length; number++)
        {
            clients[number] = random.Percent(75);
        }

        var callers = new CallerPlan[_isStorm ? random.Between(6, 14) : random.Between(1, 10)];
        for (int number = 0; number < callers.Length; number++)
        {
            callers[number] = _isStorm && number > 1 ? MakeStormer() : MakeCaller(clients.Length);
        }

        var faults = new FaultPlan[_isCalm ? 0 : random.Pick(1, 1, 2, 3, 5, 8)];
        for (int number = 0; number < faults.Length; number++)
        {
            faults[number] = MakeFault();
        }

        bool rejects = random.Percent(40);
        bool hides = random.Percent(20); // new parts of a plan are drawn last: the rest of a seed's plan does not depend on them
        var plan = new Plan { Queues = queues, Servers = servers, Clients = clients, Callers = callers, Faults = faults, RejectsWhenOverloaded = rejects, HidesRedelivery = hides };
        return random.Percent(StreamingShare) ? AddStreams(plan) : plan;
    }

    /// <summary>Streams and long calls last longer than other calls: more faults come later.</summary>
    private Plan AddStreams(Plan plan)
    {
        var streams = new StreamPlanner(random, _busyMilliseconds, _queues, plan.Clients.Count);
        StreamerPlan[] streamers = streams.MakeStreamers();
        CallerPlan[] longCallers = streams.MakeLongCallers();
        var late = new FaultPlan[plan.IsCalm ? 0 : random.Pick(0, 0, 1, 2, 4)];
        for (int number = 0; number < late.Length; number++)
        {
            late[number] = MakeFault() with { At = random.UpTo(random.Pick(1_000, 9_000)) };
        }

        return plan with
        {
            Streamers = streamers,
            Callers = [.. plan.Callers, .. longCallers],
            Faults = [.. plan.Faults, .. late],
            LongCallAfter = random.Pick(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan),
            MaxLongCalls = random.Pick(1_000, 1_000, 2),
            MaxStreams = random.Pick(1_000, 1_000, 2),
        };
    }

    private CallerPlan MakeCaller(int clients)
    {
        var calls = new CallPlan[random.Between(1, 6)];
        Promise favourite = random.Pick(Promises.All);
        for (int number = 0; number < calls.Length; number++)
        {
            calls[number] = MakeCall(random.Percent(50) ? favourite : random.Pick(Promises.All), random.Below(_queues), depth: 0);
        }

        return new CallerPlan(random.Below(clients), _isBursty ? TimeSpan.Zero : random.UpTo(_busyMilliseconds), calls);
    }

    /// <summary>Somebody who calls as others do, at the same time: the first client, the first queue, quick handlers.</summary>
    private CallerPlan MakeStormer()
    {
        var calls = new CallPlan[random.Between(3, 6)];
        for (int number = 0; number < calls.Length; number++)
        {
            CallPlan call = MakeCall(random.Pick(Promise.Batched, Promise.Batched, Promise.Idempotent, Promise.AtMostOnce), queue: 0, depth: 0);
            calls[number] = call with { Pause = TimeSpan.Zero, HasMetadata = false, Work = random.Percent(85) ? TimeSpan.Zero : call.Work, TextLength = Math.Min(call.TextLength, 600) };
        }

        return new CallerPlan(Client: 0, TimeSpan.Zero, calls);
    }

    private CallPlan MakeCall(Promise promise, int queue, int depth)
    {
        bool isPlain = random.Percent(60);
        bool isMissing = !isPlain && random.Percent(6);
        if (!isPlain && promise.HasAnswer() && !isMissing && random.Percent(6))
        {
            return MakeEndlessCall(promise, queue);
        }

        return new CallPlan
        {
            Promise = promise,
            Queue = isMissing ? _queues : queue,
            Timeout = depth == 0 && (isPlain || random.Percent(50)) ? LongTimeout : TimeSpan.FromMilliseconds(random.Pick(1, 30, 400, 4_000)),
            Pause = random.Percent(60) ? TimeSpan.Zero : random.UpTo(_busyMilliseconds / 4),
            CancelAfter = isPlain || random.Percent(75) ? null : random.UpTo(random.Pick(0.5, 20, 800)),
            FailFast = !isPlain && random.Percent(10),
            HasMetadata = !isPlain && random.Percent(10),
            TextLength = isPlain || random.Percent(70) ? random.Below(40) : random.Pick(600, 9_000, 20_000),
            Work = random.UpTo(_isQuick ? random.Pick(0, 0, 0.05) : random.Pick(Works)),
            HeedsToken = random.Percent(70),
            End = isPlain || random.Percent(75) ? HandlerEnd.Answers : random.Pick(HandlerEnd.ThrowsDeclared, HandlerEnd.ThrowsOther, HandlerEnd.GivesUp),
            Nested = depth == 0 && queue + 1 < _queues && random.Percent(15) ? MakeCall(random.Pick(Promises.All), queue + 1, depth + 1) : null,
        };
    }

    /// <summary>A call whose handler works until its token fires.</summary>
    private CallPlan MakeEndlessCall(Promise promise, int queue) => new()
    {
        Promise = promise,
        Queue = queue,
        Timeout = TimeSpan.FromMilliseconds(random.Pick(30, 400, 4_000)),
        CancelAfter = random.Percent(50) ? null : random.UpTo(random.Pick(0.5, 20, 800)),
        Work = TimeSpan.FromHours(1),
        HeedsToken = true,
    };

    private FaultPlan MakeFault() => new(
        PickKind(),
        random.UpTo(_busyMilliseconds * 1.2),
        random.Below(1 << 20),
        random.UpTo(random.Pick(1, 50, 700, 4_000)));

    private FaultKind PickKind() => (_isGentle ? random.Between(80, 94) : random.Below(100)) switch
    {
        < 20 => FaultKind.CloseConnection,
        < 25 => FaultKind.CloseAllConnections,
        < 38 => FaultKind.CloseChannel,
        < 46 => FaultKind.StallConnection,
        < 54 => FaultKind.CutConnection,
        < 60 => FaultKind.Block,
        < 65 => FaultKind.Pause,
        < 71 => FaultKind.StopBroker,
        < 76 => FaultKind.DeleteQueue,
        < 77 => FaultKind.PurgeQueue,
        < 79 => FaultKind.LimitQueue,
        < 80 => FaultKind.Wipe,
        < 89 => FaultKind.RestartServer,
        < 95 => FaultKind.ReplaceServerProcess,
        _ => FaultKind.ReplaceClient,
    };
}
