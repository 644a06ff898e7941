using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using RpcGen.Transport.RabbitMq;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen;

/// <summary>Creates the transport for a connection string.</summary>
internal static class TransportFactory
{
    private const string MemoryScheme = "memory://";

    /// <summary>Creates the transport without connecting.</summary>
    /// <param name="connectionString"><c>amqp://…</c>, <c>amqps://…</c> or <c>memory://user@name</c>.</param>
    /// <param name="options">Settings of the connection. Those that code gave override the connection string's.</param>
    /// <exception cref="ArgumentException">
    /// The connection string is invalid, or does not fit to the options. The message says why and never contains a password.
    /// </exception>
    public static ITransport Create(string connectionString, RpcConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        string trimmed = connectionString.Trim();
        return trimmed.StartsWith(MemoryScheme, StringComparison.OrdinalIgnoreCase)
            ? CreateInMemory(trimmed[MemoryScheme.Length..], options.TimeProvider)
            : new RabbitMqTransport(CreateSettings(trimmed, options));
    }

    /// <summary>Throws if <see cref="Create"/> would throw.</summary>
    /// <exception cref="ArgumentException">As <see cref="Create"/>.</exception>
    public static void Check(string connectionString, RpcConnectionOptions options) => Create(connectionString, options);

    /// <summary>Logs what an operator should know at the start.</summary>
    public static void LogWarnings(ITransport transport, ILogger log)
    {
        foreach (string warning in transport.FindWarnings())
        {
            Log.ConnectionWarning(log, transport.Address, warning);
        }
    }

    /// <summary>Puts the connection string and the options together.</summary>
    internal static RabbitMqSettings CreateSettings(string connectionString, RpcConnectionOptions options)
    {
        var address = BrokerAddress.Parse(connectionString);
        TlsSettings tls = CreateTls(address.Parameters, options.Tls);
        tls.Validate(address.IsTls);
        return new RabbitMqSettings
        {
            Address = address,
            Tls = tls,
            ConnectTimeout = options.ConnectTimeoutSetting.Or(address.Parameters.ConnectTimeout),
            Heartbeat = options.HeartbeatSetting.Or(address.Parameters.Heartbeat),
        };
    }

    private static TlsSettings CreateTls(AddressParameters address, RpcTlsOptions options) => new()
    {
        CaCertificateFile = options.CaCertificateFileSetting.Or(address.CaCertificateFile),
        CertificateFile = options.CertificateFileSetting.Or(address.CertificateFile),
        KeyFile = options.KeyFileSetting.Or(address.KeyFile),
        Password = options.PasswordSetting.Or(address.Password),
        CertificateThumbprint = options.CertificateThumbprint,
        ServerName = options.ServerNameSetting.Or(address.ServerName),
        VerifiesPeer = address.VerifiesPeer ?? true,
        RevocationMode = options.RevocationMode,
        Protocols = options.Protocols,
        UseExternalLogin = options.UseExternalLoginSetting.Or(address.UseExternalLogin),
        OnAuthenticate = options.OnAuthenticate,
    };

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
