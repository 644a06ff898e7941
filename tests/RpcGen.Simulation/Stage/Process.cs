using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Stage;

/// <summary>A process: a connection, the clients on it, and perhaps a server. What is done to it is done in turn.</summary>
internal sealed class Process(World world, string name, bool batching, ServerPlan? plan)
{
    private readonly Dictionary<int, IWorkshop> _clients = [];
    private readonly SimRandom _random = world.NewRandom();
    private RpcConnection? _connection;
    private Task _last = Task.CompletedTask;

    /// <summary>How it is called in messages.</summary>
    public string Name => name;

    /// <summary>What it serves; null for a process that only calls.</summary>
    public ServerPlan? Plan => plan;

    /// <summary>Its server, while one runs.</summary>
    public RpcServer? Server { get; private set; }

    /// <summary>Its connection.</summary>
    public RpcConnection Connection => _connection ?? throw new InvalidOperationException($"{name} is not connected.");

    /// <summary>Since when its connection is disposed, or about to be; null for not.</summary>
    public long? DisposedAt { get; private set; }

    /// <summary>Its servers, the one that runs last.</summary>
    public List<Instance> Instances { get; } = [];

    /// <summary>A client for a queue.</summary>
    public IWorkshop ClientFor(int queue)
    {
        if (!_clients.TryGetValue(queue, out IWorkshop? client))
        {
            _clients[queue] = client = Connection.CreateClient<IWorkshop>(new RpcClientOptions { Queue = world.QueueName(queue) });
        }

        return client;
    }

    /// <summary>Does something once everything before it is done.</summary>
    public Task InTurnAsync(Func<Task> action)
    {
        return _last = GoAsync(_last);

        async Task GoAsync(Task before)
        {
            await before;
            await action();
        }
    }

    /// <summary>Connects and serves, as soon as the broker allows.</summary>
    public async Task StartAsync()
    {
        _connection = await world.PersistAsync(() => Internals.ConnectAsync(
            world.Network.Connect(Internals.Transport(world.BrokerName, world.Time)),
            new RpcConnectionOptions { ConnectionName = name, Batching = batching, TimeProvider = world.Time, LoggerFactory = world.Log },
            _random));
        await ServeAsync();
    }

    /// <summary>Starts the server, if it has one.</summary>
    public async Task ServeAsync()
    {
        if (plan is null)
        {
            return;
        }

        var instance = new Instance(FormattableString.Invariant($"{name}.{Instances.Count + 1}"), plan.MaxConcurrentCalls);
        Instances.Add(instance);
        Server = await world.PersistAsync(() => Connection.ServeAsync<IWorkshop>(
            new Workshop(world, this, instance),
            new RpcServerOptions
            {
                RejectWhenOverloaded = world.Plan.RejectsWhenOverloaded,
                Queue = world.QueueName(plan.Queue),
                QueueType = world.Plan.Queues[plan.Queue],
                MaxConcurrentCalls = plan.MaxConcurrentCalls,
                GracePeriod = plan.GracePeriod,
                LongCallAfter = world.Plan.LongCallAfter,
                MaxLongCalls = world.Plan.MaxLongCalls,
                MaxStreams = world.Plan.MaxStreams,
            }));
    }

    /// <summary>Stops the server within its grace period.</summary>
    public async Task StopServingAsync()
    {
        if (Server is { } server)
        {
            Instances[^1].StopsAt = world.Time.Now;
            await world.WithinAsync($"stopping the server of {name}", plan!.GracePeriod, server.StopAsync());
            Instances[^1].HasStopped = true;
            Server = null;
        }
    }

    /// <summary>Disposes of the connection, and with it the server.</summary>
    public async Task DisposeAsync()
    {
        DisposedAt = world.Time.Now;
        Instances.ForEach(instance => instance.StopsAt ??= world.Time.Now);
        await world.WithinAsync($"disposing of {name}", plan?.GracePeriod ?? TimeSpan.Zero, Connection.DisposeAsync().AsTask());
        Instances.ForEach(static instance => instance.HasStopped = true);
        Server = null;
    }
}
