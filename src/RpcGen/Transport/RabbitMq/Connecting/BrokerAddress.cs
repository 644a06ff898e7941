namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>
/// The address of a RabbitMQ broker and the credentials for it, read from a connection string such as
/// <c>amqp://user:password@host1:5672,host2:5673/vhost?heartbeat=10</c>. It follows the RabbitMQ URI specification, and also
/// allows several hosts. <c>amqp://host/</c> means the virtual host <c>/</c>, as in RabbitMQ.Client.
/// </summary>
internal sealed class BrokerAddress
{
    /// <summary>Whether the connection is encrypted (<c>amqps</c>).</summary>
    public required bool IsTls { get; init; }

    /// <summary>The hosts as written; at least one.</summary>
    public required IReadOnlyList<BrokerHost> Hosts { get; init; }

    /// <summary>The virtual host. Default: <c>/</c>.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>The user name. Default: guest.</summary>
    public string UserName { get; init; } = "guest";

    /// <summary>The password. It must never appear in a log or message. Default: guest.</summary>
    public string Password { get; init; } = "guest";

    /// <summary>Whether the address names a user. Otherwise <see cref="UserName"/> is the default.</summary>
    public bool HasUser { get; init; }

    /// <summary>What the query gives.</summary>
    public AddressParameters Parameters { get; init; } = new();

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It is not valid.</exception>
    public static BrokerAddress Parse(string connectionString) => BrokerAddressParser.Parse(connectionString);

    /// <summary>The same address with another login.</summary>
    public BrokerAddress With(Login login) => new()
    {
        IsTls = IsTls,
        Hosts = Hosts,
        VirtualHost = VirtualHost,
        UserName = login.UserName,
        Password = login.Secret,
        HasUser = login.UserName.Length > 0,
        Parameters = Parameters,
    };

    /// <summary>The address without user name, password and query: the query can contain a password too.</summary>
    public override string ToString() =>
        $"{(IsTls ? "amqps" : "amqp")}://{string.Join(',', Hosts)}/{(VirtualHost == "/" ? "" : Uri.EscapeDataString(VirtualHost))}";
}
