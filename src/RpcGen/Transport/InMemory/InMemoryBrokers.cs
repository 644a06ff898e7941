using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// The in-process brokers by name. A broker is created when its name is first used. It is removed when its last connection
/// is closed by its owner and nothing holds it. Connections closed by a fault do not remove it: their owners will reconnect
/// and expect their queues. Thread-safe.
/// </summary>
internal static class InMemoryBrokers
{
    /// <summary>Guards the brokers and their holds. Taken before a broker's <see cref="InMemoryBroker.Gate"/>, never inside it.</summary>
    private static readonly Dictionary<string, InMemoryBroker> ByName = new(StringComparer.Ordinal);

    private static readonly Dictionary<InMemoryBroker, int> Holds = [];

    /// <summary>Finds or creates a broker, and keeps it until it is disposed, with or without connections.</summary>
    public static InMemoryBroker Hold(string name, TimeProvider timeProvider)
    {
        lock (ByName)
        {
            InMemoryBroker broker = FindOrCreate(name, timeProvider);
            Holds[broker] = Holds.GetValueOrDefault(broker) + 1;
            return broker;
        }
    }

    /// <summary>Finds a broker; null if no broker has this name.</summary>
    public static InMemoryBroker? Find(string name)
    {
        lock (ByName)
        {
            return ByName.GetValueOrDefault(name);
        }
    }

    /// <summary>Connects to a broker. If it is paused, returns false and a task that completes when it resumes.</summary>
    /// <exception cref="RpcConnectionException">The broker is stopped.</exception>
    public static bool TryConnect(
        string name,
        TimeProvider timeProvider,
        Peer peer,
        [NotNullWhen(true)] out InMemoryConnection? connection,
        [NotNullWhen(false)] out Task? resumed)
    {
        lock (ByName)
        {
            return FindOrCreate(name, timeProvider).TryAccept(peer, out connection, out resumed);
        }
    }

    /// <summary>Ends one <see cref="Hold"/>.</summary>
    public static void Release(InMemoryBroker broker)
    {
        lock (ByName)
        {
            int others = Holds.GetValueOrDefault(broker) - 1;
            if (others > 0)
            {
                Holds[broker] = others;
                return;
            }

            Holds.Remove(broker);
            RemoveIfUnused(broker);
        }
    }

    /// <summary>Closes a connection for its owner.</summary>
    public static void CloseByOwner(InMemoryBroker broker, InMemoryConnection connection)
    {
        lock (ByName)
        {
            if (broker.CloseConnection(connection, TransportClosure.ByOwner))
            {
                RemoveIfUnused(broker);
            }
        }
    }

    private static InMemoryBroker FindOrCreate(string name, TimeProvider timeProvider)
    {
        if (!ByName.TryGetValue(name, out InMemoryBroker? broker))
        {
            ByName[name] = broker = new InMemoryBroker(name, timeProvider);
        }

        return broker;
    }

    private static void RemoveIfUnused(InMemoryBroker broker)
    {
        bool isCurrent = ByName.GetValueOrDefault(broker.Name) == broker;
        if (isCurrent && !Holds.ContainsKey(broker) && broker.Connections.Count == 0)
        {
            ByName.Remove(broker.Name);
        }
    }
}
