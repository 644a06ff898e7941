using Microsoft.Extensions.Logging;
using RpcGen.Simulation.Scheduling;
using RpcGen.Simulation.Streaming;
using RpcGen.Simulation.Wire;
using RpcGen.Transport.InMemory;

namespace RpcGen.Simulation.Stage;

/// <summary>What a schedule takes place in: the broker, the wires to it, the processes, the clock, the journal.</summary>
internal sealed class World
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>How much longer than promised an end can take: what the broker and the client library are waited for.</summary>
    private static readonly TimeSpan StopAllowance = TimeSpan.FromSeconds(15);

    private readonly SimRandom _random;
    private readonly Func<TimeSpan> _longestWait;
    private int _lastName;

    public World(string brokerName, Plan plan, VirtualTime time, SimRandom random, History history, Tampering tampering, ILoggerFactory log, Func<TimeSpan> longestWait)
    {
        BrokerName = brokerName;
        Plan = plan;
        Time = time;
        _random = random;
        _longestWait = longestWait;
        Log = log;
        Journal = new Journal(time, history);
        Streams = new StreamJournal(time, history);
        StreamClient = new StreamClient(this);
        var credits = new CreditWatch(this);
        Network = new Network(time, random.Fork(), tampering)
        {
            Published = plan.HasStreams ? message =>
            {
                Journal.AddCopies(message);
                Journal.AddAdoptions(message);
                credits.OnPublished(in message);
            } : Journal.AddCopies,
            HidesRedelivery = plan.HidesRedelivery,
        };
        Broker = Internals.HoldBroker(BrokerName, time);
        Servers = [.. plan.Servers.Select(server => new Process(this, NewName("server"), server.Batching, server))];
        Clients = [.. plan.Clients.Select(batching => new Process(this, NewName("client"), batching, plan: null))];
    }

    /// <summary>The plan.</summary>
    public Plan Plan { get; }

    /// <summary>The clock.</summary>
    public VirtualTime Time { get; }

    /// <summary>Where the runtime logs.</summary>
    public ILoggerFactory Log { get; }

    /// <summary>What has happened to calls.</summary>
    public Journal Journal { get; }

    /// <summary>What has happened to calls with streams.</summary>
    public StreamJournal Streams { get; }

    /// <summary>Makes calls with streams.</summary>
    public StreamClient StreamClient { get; }

    /// <summary>The wires.</summary>
    public Network Network { get; }

    /// <summary>The broker.</summary>
    public InMemoryBroker Broker { get; }

    /// <summary>The broker's name, another one in each schedule.</summary>
    public string BrokerName { get; }

    /// <summary>The processes that serve, by their number in the plan.</summary>
    public Process[] Servers { get; }

    /// <summary>The processes that call, by their number in the plan.</summary>
    public Process[] Clients { get; }

    /// <summary>What was found wrong while the schedule ran.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>How much of any lateness is the schedule's own: work items wait for their turn, and a chain of them waits for each.</summary>
    public TimeSpan Lag => TimeSpan.FromMilliseconds(100) + 30 * _longestWait();

    /// <summary>The name of a queue; the number after the last is a queue that does not exist.</summary>
    public string QueueName(int number) => FormattableString.Invariant($"q{number}");

    /// <summary>Random numbers of their own for a part.</summary>
    public SimRandom NewRandom() => _random.Fork();

    /// <summary>Notes something wrong, and gives an exception for a caller that cannot go on.</summary>
    public SimulationException Violate(string what)
    {
        Violations.Add(what);
        return new SimulationException(what);
    }

    /// <summary>Starts a process that takes the place of one that is disposed.</summary>
    public async Task ReplaceAsync(Process old)
    {
        Process[] all = old.Plan is null ? Clients : Servers;
        var next = new Process(this, NewName(old.Plan is null ? "client" : "server"), _random.Percent(50), old.Plan);
        await next.InTurnAsync(next.StartAsync);
        all[Array.IndexOf(all, old)] = next;
    }

    /// <summary>Makes a call and notes its outcome. Never throws.</summary>
    public async Task<CallRecord> CallAsync(Process process, CallPlan plan, RunRecord? parent, CancellationToken cancellationToken)
    {
        CallRecord call = Journal.Begin(plan, process, parent);
        using CancellationTokenSource own = plan.CancelAfter is { } delay ? new CancellationTokenSource(delay, Time) : new CancellationTokenSource();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(own.Token, cancellationToken);
        Task calling = Start(process, call, cancel.Token);
        await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // exceptions cost more than anything else here
        Exception? failure = calling.IsCanceled ? new TaskCanceledException(calling) : calling.Exception?.InnerException;
        Journal.End(call, failure is null ? (calling as Task<string>)?.Result : null, failure, cancel.IsCancellationRequested);
        if ((RpcCallContext.Current is null) != (parent is null))
        {
            Violate($"{call} left its caller with another ambient call");
        }

        return call;
    }

    /// <summary>Tries something until the broker allows it.</summary>
    public async Task<T> PersistAsync<T>(Func<Task<T>> attempt)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (RpcConnectionException)
            {
                await Task.Delay(Pause, Time);
            }
        }
    }

    /// <summary>Waits for an end, which has to come in time.</summary>
    public async Task WithinAsync(string what, TimeSpan promised, Task end)
    {
        long begun = Time.Now;
        await end;
        TimeSpan took = TimeSpan.FromTicks(Time.Now - begun);
        if (took > promised + StopAllowance + Lag)
        {
            Violate(FormattableString.Invariant($"{what} took {took.TotalSeconds:0.0} s, with {promised.TotalSeconds:0.0} s promised"));
        }
    }

    private static Task Start(Process process, CallRecord call, CancellationToken cancellationToken)
    {
        try
        {
            IWorkshop client = process.ClientFor(call.Plan.Queue).With(
                call.Plan.Timeout,
                failFast: call.Plan.FailFast ? true : null,
                metadata: call.Plan.HasMetadata ? new RpcMetadata { ["note"] = "of a call" } : null);
            return client.CallAsync(call.Plan.Promise, call.Id, call.Text, cancellationToken);
        }
        catch (ObjectDisposedException e)
        {
            return Task.FromException(e); // no client can be made
        }
    }

    private string NewName(string kind) => FormattableString.Invariant($"{kind}-{++_lastName}");
}
