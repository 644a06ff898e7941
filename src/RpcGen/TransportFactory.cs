using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Diagnostics;
using RpcGen.Runtime;
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
    /// <param name="source">Gives <c>amqp://…</c>, <c>amqps://…</c> or <c>memory://user@name</c>.</param>
    /// <param name="options">Settings of the connection. Those that code gave override the connection string's. Copied.</param>
    /// <param name="environment">Time, randomness and log.</param>
    /// <exception cref="ArgumentException">
    /// The connection string is invalid, or conflicts with the options. The message says why and never contains a password.
    /// </exception>
    public static ITransport Create(ConnectionSource source, RpcConnectionOptions options, RpcEnvironment environment)
    {
        options = new RpcConnectionOptions(options);
        string trimmed = source.Read().Trim();
        return trimmed.StartsWith(MemoryScheme, StringComparison.OrdinalIgnoreCase)
            ? CreateInMemory(trimmed[MemoryScheme.Length..], options)
            : CreateRabbitMq(source, options, environment);
    }

    /// <inheritdoc cref="Create(ConnectionSource, RpcConnectionOptions, RpcEnvironment)"/>
    public static ITransport Create(string connectionString, RpcConnectionOptions options) => Create(
        ConnectionSource.Fixed(connectionString), options, new RpcEnvironment(options.TimeProvider, SystemRandomSource.Instance, NullLogger.Instance));

    /// <summary>Throws if <see cref="Create(string, RpcConnectionOptions)"/> would throw.</summary>
    /// <exception cref="ArgumentException">The connection string is invalid, or conflicts with the options.</exception>
    public static void Check(string connectionString, RpcConnectionOptions options) => Create(connectionString, options);

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
            IsRandomHost = options.HostSelection == RpcHostSelection.Random,
            Credentials = ToLogins(options.Credentials),
            RequiresUser = options.SendBrokerUser,
        };
    }

    private static RabbitMqTransport CreateRabbitMq(ConnectionSource source, RpcConnectionOptions options, RpcEnvironment environment)
    {
        string remedy = ConnectionLog.Remedy(options, source, CreateSettings(source.Read().Trim(), options).UsesExternalLogin);
        return new RabbitMqTransport(() => CreateSettings(source.Read().Trim(), options), environment, address => new ConnectionLog(address, remedy, environment));
    }

    private static TlsSettings CreateTls(AddressParameters address, RpcTlsOptions options)
    {
        SettingSource file = options.CertificateFileSetting.SourceWith(address.CertificateFile);
        SettingSource thumbprint = options.CertificateThumbprintSetting.SourceWith(fromAddress: null);
        SettingSource certificate = file > thumbprint ? file : thumbprint;
        return new TlsSettings
        {
            CaCertificateFile = options.CaCertificateFileSetting.Or(address.CaCertificateFile),
            CertificateFile = options.CertificateFileSetting.Or(address.CertificateFile, least: certificate),
            KeyFile = options.KeyFileSetting.Or(address.KeyFile, least: certificate),
            Password = options.PasswordSetting.Or(address.Password, least: certificate),
            CertificateThumbprint = options.CertificateThumbprintSetting.Or(fromAddress: null, least: certificate),
            ServerName = options.ServerNameSetting.Or(address.ServerName),
            VerifiesPeer = address.VerifiesPeer ?? true,
            RevocationMode = options.RevocationMode,
            Protocols = options.Protocols,
            UseExternalLogin = options.UseExternalLoginSetting.Or(address.UseExternalLogin),
            OnAuthenticate = options.OnAuthenticate,
        };
    }

    private static Func<CancellationToken, ValueTask<Login>>? ToLogins(Func<CancellationToken, ValueTask<RpcCredentials>>? credentials)
    {
        return credentials is null ? null : AskAsync;

        async ValueTask<Login> AskAsync(CancellationToken cancellationToken)
        {
            RpcCredentials given = await credentials(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"{nameof(RpcConnectionOptions.Credentials)} returned null.");
            return new Login(given.UserName, given.Password) { ValidUntil = given.ValidUntil };
        }
    }

    private static InMemoryTransport CreateInMemory(string address, RpcConnectionOptions options)
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

        return new InMemoryTransport(name, options.TimeProvider, user, ToLogins(options.Credentials));
    }
}
