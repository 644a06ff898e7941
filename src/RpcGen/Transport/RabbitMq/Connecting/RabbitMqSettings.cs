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

    /// <summary>Whether the client certificate is the login.</summary>
    public bool UsesExternalLogin => Tls.UseExternalLogin;
}
