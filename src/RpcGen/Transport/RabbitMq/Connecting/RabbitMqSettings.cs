namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>How to connect to a broker: the connection string and the options together.</summary>
internal sealed class RabbitMqSettings
{
    /// <summary>Hosts, virtual host, user and password.</summary>
    public required BrokerAddress Address { get; init; }

    /// <summary>TLS, for an address that uses it.</summary>
    public TlsSettings Tls { get; init; } = new();

    /// <summary>The time limit for connecting to one address of a host.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The heartbeat interval to negotiate; zero leaves it to the broker.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether hosts, and the addresses of a host, are tried in random order.</summary>
    public bool IsRandomHost { get; init; }

    /// <summary>Asks the application for the login; null for the address's.</summary>
    public Func<CancellationToken, ValueTask<Login>>? Credentials { get; init; }

    /// <summary>Whether messages carry the user, which therefore must be known.</summary>
    public bool RequiresUser { get; init; }

    /// <summary>The user that the broker knows connections by; null if it is unknown, because a token or certificate names it.</summary>
    public string? User => (UsesExternalLogin && !Address.HasUser) || Address.UserName.Length == 0 ? null : Address.UserName;

    /// <summary>Whether the client certificate is the login.</summary>
    public bool UsesExternalLogin => Tls.UseExternalLogin;

    /// <summary>The same settings with another login.</summary>
    public RabbitMqSettings With(Login login) => new()
    {
        Address = Address.With(login),
        Tls = Tls,
        ConnectTimeout = ConnectTimeout,
        Heartbeat = Heartbeat,
        IsRandomHost = IsRandomHost,
        Credentials = Credentials,
        RequiresUser = RequiresUser,
    };
}
