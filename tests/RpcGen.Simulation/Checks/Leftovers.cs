using RpcGen.Simulation.Stage;
using RpcGen.Simulation.Wire;
using RpcGen.Transport.InMemory;

namespace RpcGen.Simulation.Checks;

/// <summary>What must not be left once everything is done: calls, objects out of their pools, messages, channels, connections.</summary>
internal static class Leftovers
{
    /// <summary>Checks while everything is open and nothing happens.</summary>
    public static void CheckAtRest(World world)
    {
        foreach (Process process in world.Servers.Concat(world.Clients))
        {
            if (Internals.FindLeftover(process.Connection) is { } leftover)
            {
                world.Violate($"at rest, in {process.Name}: {leftover}");
            }

            if (Internals.FindStreamLeftover(process.Connection, process.Server) is { } open)
            {
                world.Violate($"at rest, in {process.Name}: {open}");
            }

            if (process.Server is { } server && Internals.LoadOf(server) is var (active, queued) && active + queued > 0)
            {
                world.Violate($"at rest, {process.Name} has {active} calls that run and {queued} that wait");
            }
        }

        CheckQueues(world, "at rest");
        foreach (WireConnection connection in world.Network.Connections)
        {
            var atBroker = (InMemoryConnection)connection.Broker;
            int most = atBroker.Peer.Name.EndsWith("(serving)", StringComparison.Ordinal) ? 1 : 4 + (2 * world.Plan.Queues.Count); // two for calls, one for probes, one for one-way calls; cancels and broadcasts have one for each queue
            if (atBroker.Channels.Count > most)
            {
                world.Violate($"at rest, {atBroker.Peer.Name} has {atBroker.Channels.Count} channels open");
            }
        }
    }

    /// <summary>Checks after every process was disposed.</summary>
    public static void CheckStopped(World world)
    {
        CheckQueues(world, "in the end");
        foreach (InMemoryConnection connection in world.Broker.Connections)
        {
            world.Violate($"in the end, the connection of {connection.Peer.Name} is open");
        }

        foreach (InMemoryQueueInfo queue in world.Broker.Queues)
        {
            if (queue.Declaration.Kind == Transport.QueueKind.Exclusive || queue.Consumers > 0)
            {
                world.Violate($"in the end, there is queue {queue.Declaration} with {queue.Consumers} consumers");
            }

            world.Broker.DeleteQueue(queue.Name);
        }
    }

    private static void CheckQueues(World world, string when)
    {
        foreach (InMemoryQueueInfo queue in world.Broker.Queues)
        {
            if (queue.Ready + queue.Unacked > 0)
            {
                world.Violate($"{when}, queue '{queue.Name}' has {queue.Ready} messages ready and {queue.Unacked} unacknowledged");
            }
        }
    }
}
