using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using RpcGen.Transport.RabbitMq;

namespace RpcGen;

/// <summary>Creates the transport for a connection string.</summary>
internal static class TransportFactory
{
    private const string MemoryScheme = "memory://";

    /// <summary>Creates the transport without connecting.</summary>
    /// <param name="connectionString"><c>amqp://…</c>, <c>amqps://…</c> or <c>memory://user@name</c>.</param>
    /// <param name="timeProvider">The clock of an in-process broker.</param>
    /// <exception cref="ArgumentException">The connection string is invalid. The message says why and never contains a password.</exception>
    public static ITransport Create(string connectionString, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        string trimmed = connectionString.Trim();
        return trimmed.StartsWith(MemoryScheme, StringComparison.OrdinalIgnoreCase)
            ? CreateInMemory(trimmed[MemoryScheme.Length..], timeProvider)
            : new RabbitMqTransport(BrokerAddress.Parse(trimmed));
    }

    /// <summary>Throws if <see cref="Create"/> would throw.</summary>
    /// <exception cref="ArgumentException">The connection string is invalid. The message says why and never contains a password.</exception>
    public static void Check(string connectionString) => Create(connectionString, TimeProvider.System);

    private static InMemoryTransport CreateInMemory(string address, TimeProvider timeProvider)
    {
        int at = address.IndexOf('@', StringComparison.Ordinal);
        string name = address[(at + 1)..];
        string user = at < 0 ? InMemoryTransport.DefaultUser : address[..at];
        if (name.Length == 0 || user.Length == 0 || name.AsSpan().IndexOfAny("/?#@:") >= 0 || user.AsSpan().IndexOfAny("/?#:") >= 0)
        {
            throw new ArgumentException(
                "The connection string is invalid: after memory:// it needs the name of an in-process broker, such as memory://tests, "
                + "with or without a user, but without a password: memory://alice@tests.");
        }

        return new InMemoryTransport(name, timeProvider, user);
    }
}
