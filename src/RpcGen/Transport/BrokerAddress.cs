namespace RpcGen.Transport;

/// <summary>
/// Where a RabbitMQ broker is and who wants in, as a connection string says it:
/// <c>amqp://user:password@host1:5672,host2:5673/vhost?heartbeat=10</c>. This follows the RabbitMQ URI specification, with
/// several hosts besides; <c>amqp://host/</c> means the virtual host <c>/</c>, as in RabbitMQ.Client.
/// </summary>
internal sealed class BrokerAddress
{
    /// <summary>Whether the connection is encrypted (<c>amqps</c>).</summary>
    public required bool IsTls { get; init; }

    /// <summary>The hosts, at least one, to be tried in this order.</summary>
    public required IReadOnlyList<BrokerHost> Hosts { get; init; }

    /// <summary>The virtual host.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>The user name.</summary>
    public string UserName { get; init; } = "guest";

    /// <summary>The password: never to be shown.</summary>
    public string Password { get; init; } = "guest";

    /// <summary>
    /// The heartbeat to be negotiated, <c>heartbeat</c> in seconds; zero leaves it to the broker. A broker that falls silent
    /// is given up after three to four of them.
    /// </summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one host may take from the first packet to the open connection, <c>connection_timeout</c> in milliseconds.</summary>
    public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It is not valid.</exception>
    public static BrokerAddress Parse(string connectionString) => BrokerAddressParser.Parse(connectionString);

    /// <summary>The address for people: no user name, no password.</summary>
    public override string ToString() =>
        $"{(IsTls ? "amqps" : "amqp")}://{string.Join(',', Hosts)}/{(VirtualHost == "/" ? "" : Uri.EscapeDataString(VirtualHost))}";
}

/// <summary>One host of a broker.</summary>
/// <param name="Name">A name or an IP address, the latter without brackets.</param>
/// <param name="Port">The port.</param>
internal readonly record struct BrokerHost(string Name, int Port)
{
    public override string ToString() => Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]:{Port}" : $"{Name}:{Port}";
}
