using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Configuration;

namespace RpcGen.Hosting;

/// <summary>Reads a broker's configuration section, and the sections of its clients and services inside it.</summary>
internal sealed class BrokerConfiguration(BrokerRegistration registration, IConfiguration? configuration)
{
    private const string ClientsKey = "Clients";
    private const string ServicesKey = "Services";
    private const string BrokersKey = "Brokers";
    private const string TlsKey = "Tls";

    private readonly IConfigurationSection? _section = registration.Section ?? configuration?.GetSection(registration.DefaultPath);

    /// <summary>The section's path, for messages; also known if the application has no configuration.</summary>
    public string Path => _section?.Path ?? registration.DefaultPath;

    /// <summary>Whether the application has a configuration.</summary>
    public bool Exists => _section is not null;

    /// <summary>Gets an entry of <c>ConnectionStrings</c>; null if it is missing or empty.</summary>
    public string? FindConnectionString(string name) => configuration?.GetConnectionString(name)?.Trim() is { Length: > 0 } found ? found : null;

    /// <summary>Gets the broker's own connection string as the section gives it now; null if it is missing or empty.</summary>
    public string? FindOwnConnectionString() => _section?[nameof(RpcGenOptions.ConnectionString)]?.Trim() is { Length: > 0 } found ? found : null;

    /// <summary>Finds the keys that are not settings.</summary>
    public IReadOnlyList<string> FindWarnings()
    {
        var problems = new SettingsProblems();
        Read(new RpcGenOptions(), problems);
        foreach (ClientRegistration client in registration.Clients)
        {
            Read(client, new RpcClientOptions(), problems);
        }

        foreach (ServiceRegistration service in registration.Services)
        {
            Read(service, new RpcServerOptions(), problems);
        }

        return problems.Warnings;
    }

    /// <summary>Reads the broker's own settings.</summary>
    public void Read(RpcGenOptions options, SettingsProblems problems)
    {
        if (_section is null)
        {
            return;
        }

        var reader = new SettingsReader(_section, problems);
        options.ConnectionString = reader.Text(nameof(options.ConnectionString)) ?? options.ConnectionString;
        options.ConnectionName = reader.Text(nameof(options.ConnectionName)) ?? options.ConnectionName;
        options.MaxMessageBytes = reader.Number(nameof(options.MaxMessageBytes)) ?? options.MaxMessageBytes;
        options.MaxPendingCalls = reader.Number(nameof(options.MaxPendingCalls)) ?? options.MaxPendingCalls;
        options.PeerHeartbeat = reader.Time(nameof(options.PeerHeartbeat)) ?? options.PeerHeartbeat;
        options.MaxStreamBufferBytes = reader.Number(nameof(options.MaxStreamBufferBytes)) ?? options.MaxStreamBufferBytes;
        options.Batching = reader.Flag(nameof(options.Batching)) ?? options.Batching;
        options.SendBrokerUser = reader.Flag(nameof(options.SendBrokerUser)) ?? options.SendBrokerUser;
        options.HostSelection = reader.Choice<RpcHostSelection>(nameof(options.HostSelection)) ?? options.HostSelection;
        options.ConnectTimeoutSetting = FromSection(reader.Time(nameof(options.ConnectTimeout))) ?? options.ConnectTimeoutSetting;
        options.HeartbeatSetting = FromSection(reader.Time(nameof(options.Heartbeat))) ?? options.HeartbeatSetting;
        ReadTls(_section.GetSection(TlsKey), options.Tls, problems);
        options.ReplyExchange = reader.Text(nameof(options.ReplyExchange)) ?? options.ReplyExchange;
        options.StartTimeout = reader.Time(nameof(options.StartTimeout)) ?? options.StartTimeout;
        options.RequireBroker = reader.Flag(nameof(options.RequireBroker)) ?? options.RequireBroker;
        options.Timeout = reader.Time(nameof(options.Timeout)) ?? options.Timeout;
        options.FailFast = reader.Flag(nameof(options.FailFast)) ?? options.FailFast;
        options.MaxConcurrentCalls = reader.Number(nameof(options.MaxConcurrentCalls)) ?? options.MaxConcurrentCalls;
        options.GracePeriod = reader.Time(nameof(options.GracePeriod)) ?? options.GracePeriod;
        options.QueueType = reader.Choice<RpcQueueType>(nameof(options.QueueType)) ?? options.QueueType;
        options.UseExistingQueue = reader.Flag(nameof(options.UseExistingQueue)) ?? options.UseExistingQueue;
        options.EnableDetailedErrors = reader.Flag(nameof(options.EnableDetailedErrors)) ?? options.EnableDetailedErrors;
        reader.Leave(TlsKey);
        reader.Leave(ClientsKey);
        reader.Leave(ServicesKey);
        reader.Leave(BrokersKey);
        reader.WarnOfUnknown();
    }

    /// <summary>Reads the settings of a client.</summary>
    /// <returns>The section's path; null if there is no section.</returns>
    public string? Read(ClientRegistration client, RpcClientOptions options, SettingsProblems problems)
    {
        if (FindSection(ClientsKey, client.Contract) is not { } section)
        {
            return null;
        }

        var reader = new SettingsReader(section, problems);
        options.Queue = reader.Text(nameof(options.Queue)) ?? options.Queue;
        options.Exchange = reader.Text(nameof(options.Exchange)) ?? options.Exchange;
        options.Timeout = reader.Time(nameof(options.Timeout)) ?? options.Timeout;
        options.FailFast = reader.Flag(nameof(options.FailFast)) ?? options.FailFast;
        options.MaxPendingCalls = reader.Number(nameof(options.MaxPendingCalls)) ?? options.MaxPendingCalls;
        options.Batching = reader.Flag(nameof(options.Batching)) ?? options.Batching;
        options.MaxKeyedElements = reader.Number(nameof(options.MaxKeyedElements)) ?? options.MaxKeyedElements;
        reader.WarnOfUnknown();
        return section.Path;
    }

    /// <summary>Reads the settings of a service.</summary>
    /// <returns>The section's path; null if there is no section.</returns>
    public string? Read(ServiceRegistration service, RpcServerOptions options, SettingsProblems problems)
    {
        if (FindSection(ServicesKey, service.Contract) is not { } section)
        {
            return null;
        }

        var reader = new SettingsReader(section, problems);
        options.Queue = reader.Text(nameof(options.Queue)) ?? options.Queue;
        options.Exchange = reader.Text(nameof(options.Exchange)) ?? options.Exchange;
        options.MaxConcurrentCalls = reader.Number(nameof(options.MaxConcurrentCalls)) ?? options.MaxConcurrentCalls;
        options.MaxStreams = reader.Number(nameof(options.MaxStreams)) ?? options.MaxStreams;
        options.LongCallAfter = reader.Time(nameof(options.LongCallAfter)) ?? options.LongCallAfter;
        options.MaxLongCalls = reader.Number(nameof(options.MaxLongCalls)) ?? options.MaxLongCalls;
        options.GracePeriod = reader.Time(nameof(options.GracePeriod)) ?? options.GracePeriod;
        options.QueueType = reader.Choice<RpcQueueType>(nameof(options.QueueType)) ?? options.QueueType;
        options.MaxPriority = reader.Number(nameof(options.MaxPriority)) ?? options.MaxPriority;
        options.DeadLetterQueue = reader.Text(nameof(options.DeadLetterQueue)) ?? options.DeadLetterQueue;
        options.QueueExpiresAfter = reader.Time(nameof(options.QueueExpiresAfter)) ?? options.QueueExpiresAfter;
        options.UseExistingQueue = reader.Flag(nameof(options.UseExistingQueue)) ?? options.UseExistingQueue;
        options.EnableDetailedErrors = reader.Flag(nameof(options.EnableDetailedErrors)) ?? options.EnableDetailedErrors;
        options.RejectWhenOverloaded = reader.Flag(nameof(options.RejectWhenOverloaded)) ?? options.RejectWhenOverloaded;
        options.ConsumerTimeout = reader.Time(nameof(options.ConsumerTimeout)) ?? options.ConsumerTimeout;
        options.MaxTimeout = reader.Time(nameof(options.MaxTimeout)) ?? options.MaxTimeout;
        options.DescriptionPolicy = reader.AnyText(nameof(options.DescriptionPolicy)) ?? options.DescriptionPolicy;
        options.Discoverable = reader.Flag(nameof(options.Discoverable)) ?? options.Discoverable;
        options.MaxKeyedElements = reader.Number(nameof(options.MaxKeyedElements)) ?? options.MaxKeyedElements;
        reader.WarnOfUnknown();
        return section.Path;
    }

    private static void ReadTls(IConfigurationSection section, RpcTlsOptions options, SettingsProblems problems)
    {
        var reader = new SettingsReader(section, problems);
        options.CaCertificateFileSetting = FromSection(reader.Text(nameof(options.CaCertificateFile))) ?? options.CaCertificateFileSetting;
        options.CertificateFileSetting = FromSection(reader.Text(nameof(options.CertificateFile))) ?? options.CertificateFileSetting;
        options.KeyFileSetting = FromSection(reader.Text(nameof(options.KeyFile))) ?? options.KeyFileSetting;
        options.PasswordSetting = FromSection(reader.Text(nameof(options.Password))) ?? options.PasswordSetting;
        options.CertificateThumbprintSetting = FromSection(reader.Text(nameof(options.CertificateThumbprint))) ?? options.CertificateThumbprintSetting;
        options.ServerNameSetting = FromSection(reader.Text(nameof(options.ServerName))) ?? options.ServerNameSetting;
        options.RevocationMode = reader.Choice<X509RevocationMode>(nameof(options.RevocationMode)) ?? options.RevocationMode;
        options.Protocols = reader.Protocols(nameof(options.Protocols)) ?? options.Protocols;
        options.UseExternalLoginSetting = FromSection(reader.Flag(nameof(options.UseExternalLogin))) ?? options.UseExternalLoginSetting;
        reader.WarnOfUnknown();
    }

    private static Setting<T>? FromSection<T>(T? value)
        where T : struct => value is { } given ? Setting<T>.Section(given) : null;

    private static Setting<string?>? FromSection(string? value) => value is null ? null : Setting<string?>.Section(value);

    /// <summary>Finds the section of a contract, by its full name or its short name.</summary>
    private IConfigurationSection? FindSection(string kind, Type contract)
    {
        IConfigurationSection? contracts = _section?.GetSection(kind);
        return contracts?.GetSection(contract.FullName ?? contract.Name) is { } byFullName && byFullName.Exists() ? byFullName
            : contracts?.GetSection(contract.Name) is { } byName && byName.Exists() ? byName
            : null;
    }
}
