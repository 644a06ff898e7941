using RpcGen.Simulation.Checks;
using RpcGen.Simulation.Scheduling;
using RpcGen.Simulation.Streaming;

namespace RpcGen.Simulation.Stage;

/// <summary>A schedule from its start to its end: busy and faulty first, then calm, then nothing.</summary>
internal sealed class Scenario(World world)
{
    /// <summary>After the last fault, connections and channels are open again within this.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(20);

    /// <summary>After the last call, nothing is left to be done within this: a batch of calls that were cancelled lasts until their deadline.</summary>
    private static readonly TimeSpan Rest = Planner.LongTimeout + TimeSpan.FromSeconds(5);

    /// <summary>The time between two probes with streams.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);

    /// <summary>How many ways to stream are probed in one schedule: all of them together are probed often enough.</summary>
    private const int StreamProbesEach = 4;

    private static readonly Promise[] Probed = [Promise.Plain, Promise.Idempotent, Promise.AtMostOnce, Promise.Batched, Promise.OneWay, Promise.Broadcast];

    private readonly List<CallRecord> _probes = [];
    private readonly List<StreamRecord> _streamProbes = [];

    /// <summary>Calls that have to succeed, since all faults are over.</summary>
    public IReadOnlyList<CallRecord> Probes => _probes;

    /// <summary>The same for calls with streams.</summary>
    public IReadOnlyList<StreamRecord> StreamProbes => _streamProbes;

    /// <summary>Goes through the schedule.</summary>
    public async Task RunAsync()
    {
        await StartAsync();
        await GoWrongAsync();
        await Task.Delay(Recovery, world.Time);
        await ProbeAsync();
        await Task.Delay(Rest, world.Time);
        Leftovers.CheckAtRest(world);
        await StopAsync();
        Leftovers.CheckStopped(world);
    }

    private Task StartAsync() => Task.WhenAll(world.Servers.Concat(world.Clients).Select(process => process.InTurnAsync(process.StartAsync)));

    private Task GoWrongAsync()
    {
        var saboteur = new Saboteur(world);
        return Task.WhenAll(
        [
            .. world.Plan.Callers.Select(caller => Task.Run(() => CallAsync(caller))),
            .. world.Plan.Streamers.Select(streamer => Task.Run(() => StreamAsync(streamer))),
            .. world.Plan.Faults.Select(saboteur.ActAsync),
        ]);
    }

    private async Task CallAsync(CallerPlan caller)
    {
        await Task.Delay(caller.Start, world.Time);
        foreach (CallPlan call in caller.Calls)
        {
            await Task.Delay(call.Pause, world.Time);
            await world.CallAsync(world.Clients[caller.Client], call, parent: null, CancellationToken.None);
        }
    }

    private async Task StreamAsync(StreamerPlan streamer)
    {
        await Task.Delay(streamer.Start, world.Time);
        foreach (StreamPlan call in streamer.Calls)
        {
            await Task.Delay(call.Pause, world.Time);
            await world.StreamClient.CallAsync(world.Clients[streamer.Client], call);
        }
    }

    /// <summary>Calls every queue in every way from one of the clients, and one queue from each client.</summary>
    private async Task ProbeAsync()
    {
        var probing = new List<Task<CallRecord>>();
        for (int queue = 0; queue < world.Plan.Queues.Count; queue++)
        {
            foreach (Promise promise in Probed)
            {
                probing.Add(ProbeAsync(world.Clients[queue % world.Clients.Length], queue, promise));
            }
        }

        for (int client = 0; client < world.Clients.Length; client++)
        {
            probing.Add(ProbeAsync(world.Clients[client], client % world.Plan.Queues.Count, Promise.Plain));
        }

        _probes.AddRange(await Task.WhenAll(probing));
        if (world.Plan.HasStreams)
        {
            _probes.Add(await ProbeAsync(world.Clients[0], queue: 0, Promise.Long));
            SimRandom random = world.NewRandom();
            for (int number = 0; number < StreamProbesEach; number++)
            {
                await Task.Delay(Apart, world.Time); // a server can allow few streams, and ends each after its client
                _streamProbes.Add(await ProbeAsync(random.Pick(StreamShapes.All)));
            }
        }
    }

    private Task<StreamRecord> ProbeAsync(StreamShape shape) => world.StreamClient.CallAsync(
        world.Clients[(int)shape % world.Clients.Length],
        new StreamPlan
        {
            Shape = shape,
            Queue = (int)shape % world.Plan.Queues.Count,
            Timeout = TimeSpan.FromSeconds(20),
            Source = new SourcePlan(Count: shape.IsOfBytes() ? 5_000 : 8, ItemLength: 300, TimeSpan.Zero, SourceEnd.Ends, TimeSpan.Zero),
        });

    private Task<CallRecord> ProbeAsync(Process client, int queue, Promise promise) => world.CallAsync(
        client, new CallPlan { Promise = promise, Queue = queue, Timeout = TimeSpan.FromSeconds(20), TextLength = 8 }, parent: null, CancellationToken.None);

    private Task StopAsync() => Task.WhenAll(world.Servers.Concat(world.Clients).Select(process => process.InTurnAsync(process.DisposeAsync)));
}
