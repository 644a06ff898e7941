using RpcGen.Simulation.Wire;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Simulation.Stage;

/// <summary>Carries out the faults of a plan, and ends those that have an end.</summary>
internal sealed class Saboteur(World world)
{
    private static readonly TransportClosure ByOperator = TransportClosure.ByBroker(320, "CONNECTION_FORCED - closed by operator");

    /// <summary>Carries out one fault, at its time.</summary>
    public async Task ActAsync(FaultPlan fault)
    {
        await Task.Delay(fault.At, world.Time);
        switch (fault.Kind)
        {
            case FaultKind.CloseConnection:
                Close(Pick(fault));
                break;
            case FaultKind.CutConnection:
                Pick(fault)?.Cut(fault.Lasts);
                Close(Pick(fault));
                break;
            case FaultKind.StallConnection:
                Pick(fault)?.Stall(fault.Lasts);
                break;
            case FaultKind.CloseAllConnections:
                world.Broker.CloseConnections(ByOperator);
                break;
            case FaultKind.CloseChannel:
                CloseChannel(fault);
                break;
            case FaultKind.DeleteQueue:
                world.Broker.DeleteQueue(QueueOf(fault));
                break;
            case FaultKind.PurgeQueue:
                world.Broker.PurgeQueue(QueueOf(fault));
                break;
            case FaultKind.LimitQueue:
                world.Broker.SetPolicy(QueueOf(fault), new InMemoryPolicy(MaxLength: fault.Target % 3));
                await Task.Delay(fault.Lasts, world.Time);
                world.Broker.SetPolicy(QueueOf(fault), policy: null);
                break;
            case FaultKind.Wipe:
                world.Broker.Wipe();
                break;
            case FaultKind.Block:
                world.Broker.Block("low on memory");
                await Task.Delay(fault.Lasts, world.Time);
                world.Broker.Unblock();
                break;
            case FaultKind.Pause:
                world.Broker.Pause();
                await Task.Delay(fault.Lasts, world.Time);
                world.Broker.Resume();
                break;
            case FaultKind.StopBroker:
                world.Broker.Stop();
                await Task.Delay(fault.Lasts, world.Time);
                world.Broker.Start();
                break;
            case FaultKind.RestartServer:
                await RestartAsync(world.Servers[fault.Target % world.Servers.Length], fault.Lasts);
                break;
            case FaultKind.ReplaceServerProcess:
                await ReplaceAsync(world.Servers[fault.Target % world.Servers.Length], fault.Lasts);
                break;
            case FaultKind.ReplaceClient:
                await ReplaceAsync(world.Clients[fault.Target % world.Clients.Length], fault.Lasts);
                break;
            default:
                throw new InvalidOperationException($"{fault.Kind} is unknown.");
        }
    }

    private Task RestartAsync(Process process, TimeSpan pause) => process.InTurnAsync(async () =>
    {
        if (process.DisposedAt is null)
        {
            await process.StopServingAsync();
            await Task.Delay(pause, world.Time);
            await process.ServeAsync();
        }
    });

    private Task ReplaceAsync(Process process, TimeSpan pause) => process.InTurnAsync(async () =>
    {
        if (process.DisposedAt is null)
        {
            await process.DisposeAsync();
            await Task.Delay(pause, world.Time);
            await world.ReplaceAsync(process);
        }
    });

    private WireConnection? Pick(FaultPlan fault)
    {
        List<WireConnection> connections = world.Network.Connections;
        return connections.Count == 0 ? null : connections[fault.Target % connections.Count];
    }

    private void Close(WireConnection? connection)
    {
        if (connection is not null)
        {
            world.Broker.CloseConnection((InMemoryConnection)connection.Broker, ByOperator);
        }
    }

    private void CloseChannel(FaultPlan fault)
    {
        if (Pick(fault)?.Broker is InMemoryConnection { Channels: { Count: > 0 } channels })
        {
            world.Broker.CloseChannel(channels[fault.Target / 7 % channels.Count], TransportClosure.ByBroker(AmqpReplyCodes.PreconditionFailed, "PRECONDITION_FAILED - closed by an error"));
        }
    }

    private string QueueOf(FaultPlan fault) => world.QueueName(fault.Target % world.Plan.Queues.Count);
}
