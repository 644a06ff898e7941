using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Transport.InMemory;

// The brokers of the process. One is made when first named and forgotten when an owner closes its last open connection
// or lets go of the last hold. Connections that a fault has closed do not count as closed by their owner: they will be
// made anew and want to find their queues.
internal sealed partial class InMemoryBroker : IDisposable
{
    // Taken before a broker's Gate, never inside it.
    private static readonly Dictionary<string, InMemoryBroker> Registry = new(StringComparer.Ordinal);

    private int _holds;

    /// <summary>Finds or makes the broker of a name and keeps it until <see cref="Dispose"/>, connections or not.</summary>
    public static InMemoryBroker Hold(string name, TimeProvider timeProvider)
    {
        lock (Registry)
        {
            InMemoryBroker broker = FindOrMake(name, timeProvider);
            broker._holds++;
            return broker;
        }
    }

    /// <summary>The broker of a name, null where there is none.</summary>
    public static InMemoryBroker? Find(string name)
    {
        lock (Registry)
        {
            return Registry.GetValueOrDefault(name);
        }
    }

    /// <summary>Connects; where the broker is paused, false with what to wait for.</summary>
    /// <exception cref="RpcConnectionException">The broker is stopped.</exception>
    public static bool TryConnect(
        string name,
        TimeProvider timeProvider,
        Peer peer,
        [NotNullWhen(true)] out InMemoryConnection? connection,
        [NotNullWhen(false)] out Task? resumed)
    {
        lock (Registry)
        {
            return FindOrMake(name, timeProvider).TryAccept(peer, out connection, out resumed);
        }
    }

    /// <summary>Lets go of one hold.</summary>
    public void Dispose()
    {
        lock (Registry)
        {
            _holds--;
            ForgetIfUnused();
        }
    }

    /// <summary>Closes a connection on its owner's behalf.</summary>
    public void CloseByOwner(InMemoryConnection connection)
    {
        lock (Registry)
        {
            lock (Gate)
            {
                if (!_connections.Contains(connection))
                {
                    return;
                }

                Close(connection, new TransportClosure("closed by this process"));
            }

            ForgetIfUnused();
        }
    }

    private static InMemoryBroker FindOrMake(string name, TimeProvider timeProvider)
    {
        if (!Registry.TryGetValue(name, out InMemoryBroker? broker))
        {
            Registry[name] = broker = new InMemoryBroker(name, timeProvider);
        }

        return broker;
    }

    private void ForgetIfUnused()
    {
        lock (Gate)
        {
            if (_holds <= 0 && _connections.Count == 0 && Registry.GetValueOrDefault(Name) == this)
            {
                Registry.Remove(Name);
            }
        }
    }
}
