namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>
/// What the query of a connection string gives, by RabbitMQ's names for it. Null: not given. A class rather than a record,
/// because a record would print the password.
/// </summary>
internal sealed class AddressParameters
{
    public string? CaCertificateFile { get; set; }

    public string? CertificateFile { get; set; }

    public string? KeyFile { get; set; }

    public string? Password { get; set; }

    public bool? VerifiesPeer { get; set; }

    public string? ServerName { get; set; }

    public bool? UseExternalLogin { get; set; }

    public ushort? ChannelMax { get; set; }

    public TimeSpan? Heartbeat { get; set; }

    public TimeSpan? ConnectTimeout { get; set; }
}
