using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using RpcGen.Transport.RabbitMq;

namespace RpcGen;

/// <summary>Creates the transport of a connection string.</summary>
internal static class TransportFactory
{
    private const string MemoryScheme = "memory://";

    /// <summary>Creates the transport. It does not connect yet.</summary>
    /// <param name="connectionString"><c>amqp://…</c>, <c>amqps://…</c> or <c>memory://user@name</c>.</param>
    /// <param name="timeProvider">The clock of the broker in memory. Other brokers have their own.</param>
    /// <exception cref="ArgumentException">The connection string is invalid. The message says why, and never shows a password.</exception>
    public static ITransport Create(string connectionString, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        string trimmed = connectionString.Trim();
        return trimmed.StartsWith(MemoryScheme, StringComparison.OrdinalIgnoreCase)
            ? CreateInMemory(trimmed[MemoryScheme.Length..], timeProvider)
            : new RabbitMqTransport(BrokerAddress.Parse(trimmed));
    }

    /// <summary>Checks a connection string as <see cref="Create"/> does.</summary>
    /// <exception cref="ArgumentException">The connection string is invalid. The message says why, and never shows a password.</exception>
    public static void Check(string connectionString) => Create(connectionString, TimeProvider.System);

    private static InMemoryTransport CreateInMemory(string address, TimeProvider timeProvider)
    {
        int at = address.IndexOf('@', StringComparison.Ordinal);
        string name = address[(at + 1)..];
        string user = at < 0 ? InMemoryTransport.DefaultUser : address[..at];
        if (name.Length == 0 || user.Length == 0 || name.AsSpan().IndexOfAny("/?#@:") >= 0 || user.AsSpan().IndexOfAny("/?#:") >= 0)
        {
            throw new ArgumentException(
                "The connection string of a broker in memory must be memory:// and a plain name, such as memory://tests. Everyone who uses the same name shares the broker. " +
                "A user without a password can precede the name: memory://alice@tests.");
        }

        return new InMemoryTransport(name, timeProvider, user);
    }
}
