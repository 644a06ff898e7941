using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>A connection that is kept open, and watched while it is: a dead one is cut early, and opened again.</summary>
internal static class WatchedConnection
{
    /// <summary>Creates the supervisor. It is not started.</summary>
    /// <param name="transport">Opens connections.</param>
    /// <param name="application">The application's name, which the broker's operators see.</param>
    /// <param name="purpose">What the connection is for, as operators, logs and messages show it.</param>
    /// <param name="isAwaiting">Whether something is awaited from the broker. Must not throw.</param>
    /// <param name="environment">Time, randomness and log.</param>
    public static Supervisor<ITransportConnection> Supervise(
        ITransport transport, string application, string purpose, Func<bool> isAwaiting, RpcEnvironment environment)
    {
        string name = $"The connection for {purpose} to {transport.Address}";
        return new Supervisor<ITransportConnection>(
            name,
            cancellationToken => transport.ConnectAsync($"{application} ({purpose})", cancellationToken),
            environment)
        {
            OnOpened = connection => _ = Task.Run(() => LinkWatch.RunAsync(name, connection, isAwaiting, environment)),
        };
    }
}
