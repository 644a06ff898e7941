using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using RpcGen.Transport.RabbitMq;

namespace RpcGen;

/// <summary>Chooses the transport that a connection string asks for.</summary>
internal static class TransportFactory
{
    private const string MemoryScheme = "memory://";

    /// <summary>Makes the transport; connects to nothing yet.</summary>
    /// <param name="connectionString"><c>amqp://…</c>, <c>amqps://…</c> or <c>memory://user@name</c>.</param>
    /// <param name="timeProvider">The clock of the memory transport; a broker has its own.</param>
    /// <exception cref="ArgumentException">The connection string is not valid; the message says why and never shows a password.</exception>
    public static ITransport Create(string connectionString, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        string trimmed = connectionString.Trim();
        return trimmed.StartsWith(MemoryScheme, StringComparison.OrdinalIgnoreCase)
            ? CreateInMemory(trimmed[MemoryScheme.Length..], timeProvider)
            : new RabbitMqTransport(BrokerAddress.Parse(trimmed));
    }

    /// <summary>Throws where <see cref="Create"/> would.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid; the message says why and never shows a password.</exception>
    public static void Check(string connectionString) => Create(connectionString, TimeProvider.System);

    private static InMemoryTransport CreateInMemory(string address, TimeProvider timeProvider)
    {
        int at = address.IndexOf('@', StringComparison.Ordinal);
        string name = address[(at + 1)..];
        string user = at < 0 ? InMemoryTransport.DefaultUser : address[..at];
        if (name.Length == 0 || user.Length == 0 || name.AsSpan().IndexOfAny("/?#@:") >= 0 || user.AsSpan().IndexOfAny("/?#:") >= 0)
        {
            throw new ArgumentException(
                "The connection string's memory transport wants a plain name, which all who share it give alike, such as memory://tests; " +
                "before it may stand a user, without a password: memory://alice@tests.");
        }

        return new InMemoryTransport(name, timeProvider, user);
    }
}
