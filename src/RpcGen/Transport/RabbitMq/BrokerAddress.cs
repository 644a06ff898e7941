namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// The address of a RabbitMQ broker and the credentials for it, read from a connection string such as
/// <c>amqp://user:password@host1:5672,host2:5673/vhost?heartbeat=10</c>. It follows the RabbitMQ URI specification, and also
/// allows several hosts. <c>amqp://host/</c> means the virtual host <c>/</c>, as in RabbitMQ.Client.
/// </summary>
internal sealed class BrokerAddress
{
    /// <summary>Whether the connection is encrypted (<c>amqps</c>).</summary>
    public required bool IsTls { get; init; }

    /// <summary>The hosts in the order in which they are tried; at least one.</summary>
    public required IReadOnlyList<BrokerHost> Hosts { get; init; }

    /// <summary>The virtual host. Default: <c>/</c>.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>The user name. Default: guest.</summary>
    public string UserName { get; init; } = "guest";

    /// <summary>The password. It must never appear in a log or message. Default: guest.</summary>
    public string Password { get; init; } = "guest";

    /// <summary>
    /// The heartbeat interval to negotiate (<c>heartbeat</c>, in seconds); zero leaves it to the broker. A silent connection is
    /// closed after three to four intervals. Default: 10 s.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time limit for opening a connection to one host (<c>connection_timeout</c>, in milliseconds). Default: 10 s.</summary>
    public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It is not valid.</exception>
    public static BrokerAddress Parse(string connectionString) => BrokerAddressParser.Parse(connectionString);

    /// <summary>The address without user name and password.</summary>
    public override string ToString() =>
        $"{(IsTls ? "amqps" : "amqp")}://{string.Join(',', Hosts)}/{(VirtualHost == "/" ? "" : Uri.EscapeDataString(VirtualHost))}";
}
