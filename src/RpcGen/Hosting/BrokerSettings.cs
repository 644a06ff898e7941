using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using RpcGen.Transport;

namespace RpcGen.Hosting;

/// <summary>
/// What holds for a broker, its clients and its services: configuration first, then code. Reads and checks all of it.
/// </summary>
internal sealed class BrokerSettings(BrokerRegistration registration, IConfiguration? configuration)
    : IConfigureNamedOptions<RpcGenOptions>, IValidateOptions<RpcGenOptions>
{
    private const string ClientsKey = "Clients";
    private const string ServicesKey = "Services";
    private const string Example = "amqp://user:password@localhost:5672/";

    private readonly IConfigurationSection? _section = registration.Section ?? configuration?.GetSection(registration.DefaultPath);

    private string Path => _section?.Path ?? registration.DefaultPath;

    public void Configure(RpcGenOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, RpcGenOptions options)
    {
        if (name != registration.OptionsName)
        {
            return;
        }

        if (_section is not null)
        {
            Read(new SettingsReader(_section, options.Problems), options);
        }

        options.ConnectionString = registration.ConnectionString ?? options.ConnectionString ?? registration.Key;
    }

    public ValidateOptionsResult Validate(string? name, RpcGenOptions options)
    {
        if (name != registration.OptionsName)
        {
            return ValidateOptionsResult.Skip;
        }

        var problems = new SettingsProblems();
        ResolveConnectionString(options, problems);
        problems.Check($"{Path}:", () => (new RpcConnectionOptions { MaxMessageBytes = options.MaxMessageBytes }).Validate());
        problems.Check($"{Path}:", () => RpcTimeouts.ThrowIfInvalid(options.StartTimeout, nameof(options.StartTimeout)));
        if (problems.Check($"{Path}:", () => options.ForClients().Validate()))
        {
            registration.Clients.ToList().ForEach(client => GetOptions(client, options, problems));
        }

        if (problems.Check($"{Path}:", () => options.ForServices().Validate()))
        {
            CheckQueues([.. registration.Services.Select(service => (service, GetOptions(service, options, problems).Queue ?? service.Queue))], problems);
        }

        foreach (string warning in problems.Warnings)
        {
            options.Problems.Warn(warning); // for the host's start to log
        }

        string[] errors = [.. options.Problems.Errors.Concat(problems.Errors).Distinct(StringComparer.Ordinal)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>The broker's address.</summary>
    public string ResolveConnectionString(RpcGenOptions options, SettingsProblems problems)
    {
        string given = options.ConnectionString?.Trim() ?? "";
        string where = $"{Path}:{nameof(options.ConnectionString)} or {registration.Method}'s argument";
        if (given.Length == 0)
        {
            problems.Add($"{Path}:{nameof(options.ConnectionString)} is not set: give it an address such as {Example} or the name of a connection string, or give {registration.Method} one.");
            return given;
        }

        if (!given.Contains("://", StringComparison.Ordinal))
        {
            where = $"ConnectionStrings:{given}";
            if (configuration?.GetConnectionString(given)?.Trim() is not { Length: > 0 } found)
            {
                problems.Add(
                    !IsName(given) ? $"{Path}:{nameof(options.ConnectionString)} or {registration.Method}'s argument is no address, which would start with amqp://, amqps:// or memory://, nor the name of a connection string."
                    : configuration is null && registration.Section is null ? $"{where} can't be looked up: the application has no configuration. Give {registration.Method} an address such as {Example}."
                    : $"{where} is not set: give it an address such as {Example} (as an environment variable: ConnectionStrings__{given}), or give {registration.Method} an address.");
                return given;
            }

            given = found;
        }

        problems.Check($"{where}: ", () => TransportFactory.Check(given));
        return given;
    }

    public RpcClientOptions GetOptions(ClientRegistration client, RpcGenOptions options, SettingsProblems problems)
    {
        RpcClientOptions result = options.ForClients();
        if (FindSection(ClientsKey, client.Contract) is { } section)
        {
            var reader = new SettingsReader(section, problems);
            result = new RpcClientOptions
            {
                Queue = reader.Text(nameof(result.Queue)),
                Timeout = reader.Time(nameof(result.Timeout)) ?? result.Timeout,
                FailFast = reader.Flag(nameof(result.FailFast)) ?? result.FailFast,
                Batching = reader.Flag(nameof(result.Batching)),
            };
            reader.WarnOfUnknown();
            if (!problems.Check($"{section.Path}:", result.Validate))
            {
                return result;
            }
        }

        result = client.Apply(result);
        problems.Check($"AddClient<{client.Name}>: ", result.Validate);
        return result;
    }

    public RpcServerOptions GetOptions(ServiceRegistration service, RpcGenOptions options, SettingsProblems problems)
    {
        RpcServerOptions result = options.ForServices();
        if (FindSection(ServicesKey, service.Contract) is { } section)
        {
            var reader = new SettingsReader(section, problems);
            result = result with
            {
                Queue = reader.Text(nameof(result.Queue)),
                MaxConcurrentCalls = reader.Number(nameof(result.MaxConcurrentCalls)) ?? result.MaxConcurrentCalls,
                GracePeriod = reader.Time(nameof(result.GracePeriod)) ?? result.GracePeriod,
                QueueType = reader.QueueType(nameof(result.QueueType)) ?? result.QueueType,
                MaxPriority = reader.Number(nameof(result.MaxPriority)) ?? result.MaxPriority,
                UseExistingQueue = reader.Flag(nameof(result.UseExistingQueue)) ?? result.UseExistingQueue,
                EnableDetailedErrors = reader.Flag(nameof(result.EnableDetailedErrors)) ?? result.EnableDetailedErrors,
            };
            reader.WarnOfUnknown();
            if (!problems.Check($"{section.Path}:", result.Validate))
            {
                return result;
            }
        }

        result = service.Apply(result);
        problems.Check($"AddService<{service.Name}, {service.Implementation.Name}>: ", result.Validate);
        return result;
    }

    private static void Read(SettingsReader reader, RpcGenOptions options)
    {
        options.ConnectionString = reader.Text(nameof(options.ConnectionString)) ?? options.ConnectionString;
        options.ConnectionName = reader.Text(nameof(options.ConnectionName)) ?? options.ConnectionName;
        options.MaxMessageBytes = reader.Number(nameof(options.MaxMessageBytes)) ?? options.MaxMessageBytes;
        options.Batching = reader.Flag(nameof(options.Batching)) ?? options.Batching;
        options.SendBrokerUser = reader.Flag(nameof(options.SendBrokerUser)) ?? options.SendBrokerUser;
        options.StartTimeout = reader.Time(nameof(options.StartTimeout)) ?? options.StartTimeout;
        options.RequireBroker = reader.Flag(nameof(options.RequireBroker)) ?? options.RequireBroker;
        options.Timeout = reader.Time(nameof(options.Timeout)) ?? options.Timeout;
        options.FailFast = reader.Flag(nameof(options.FailFast)) ?? options.FailFast;
        options.MaxConcurrentCalls = reader.Number(nameof(options.MaxConcurrentCalls)) ?? options.MaxConcurrentCalls;
        options.GracePeriod = reader.Time(nameof(options.GracePeriod)) ?? options.GracePeriod;
        options.QueueType = reader.QueueType(nameof(options.QueueType)) ?? options.QueueType;
        options.UseExistingQueue = reader.Flag(nameof(options.UseExistingQueue)) ?? options.UseExistingQueue;
        options.EnableDetailedErrors = reader.Flag(nameof(options.EnableDetailedErrors)) ?? options.EnableDetailedErrors;
        reader.Leave(ClientsKey);
        reader.Leave(ServicesKey);
        reader.Leave("Brokers");
        reader.WarnOfUnknown();
    }

    private static void CheckQueues(IReadOnlyCollection<(ServiceRegistration Service, string Queue)> services, SettingsProblems problems)
    {
        foreach (var shared in services.GroupBy(service => service.Queue, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            problems.Add($"{string.Join(" and ", shared.Select(entry => entry.Service.Name))} would be served on one queue, '{shared.Key}', and get each other's calls: give each a queue of its own.");
        }
    }

    /// <summary>Whether it looks like a name. What does not may be an address of some form, with a password in it, and is not shown.</summary>
    private static bool IsName(string text) => text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>A contract's section, by its full name or its mere name.</summary>
    private IConfigurationSection? FindSection(string kind, Type contract)
    {
        IConfigurationSection? contracts = _section?.GetSection(kind);
        return contracts?.GetSection(contract.FullName ?? contract.Name) is { } full && full.Exists() ? full
            : contracts?.GetSection(contract.Name) is { } plain && plain.Exists() ? plain
            : null;
    }
}
