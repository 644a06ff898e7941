using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RpcGen.Hosting;

/// <summary>What an application has said of one broker so far. Lives in the service collection, for more may follow.</summary>
internal sealed class BrokerRegistration(string? key)
{
    public const string DefaultSection = "RpcGen";

    private readonly List<ClientRegistration> _clients = [];
    private readonly List<ServiceRegistration> _services = [];

    /// <summary>The key of its services; null for the default broker, whose services have none.</summary>
    public string? Key { get; } = key;

    /// <summary>What its options are called.</summary>
    public string OptionsName => Key ?? Options.DefaultName;

    /// <summary>What code calls it by, for messages.</summary>
    public string Method => Key is null ? "AddRpcGen" : $"AddKeyedRpcGen(\"{Key}\")";

    /// <summary>The broker that code names: an address or a name in ConnectionStrings.</summary>
    public string? ConnectionString { get; private set; }

    /// <summary>The configuration that code gives; else it is found when the host starts.</summary>
    public IConfigurationSection? Section { get; private set; }

    public IReadOnlyList<ClientRegistration> Clients => _clients;

    public IReadOnlyList<ServiceRegistration> Services => _services;

    public void SetConnectionString(string connectionString)
    {
        if (ConnectionString is not null && ConnectionString != connectionString)
        {
            throw new InvalidOperationException(
                $"{Method} was called before with another connection string. Clients and services of one broker are added to what the first call returned; a further broker wants a name: AddKeyedRpcGen(\"name\", \"amqp://…\").");
        }

        ConnectionString = connectionString;
    }

    public void SetConfiguration(IConfiguration configuration)
    {
        // Who gives all of the configuration means RpcGen's part of it.
        IConfigurationSection section = configuration as IConfigurationSection ?? configuration.GetSection(DefaultPath);
        if (Section is not null && Section.Path != section.Path)
        {
            throw new InvalidOperationException($"{Method} was called before with the configuration section '{Section.Path}', now with '{section.Path}'. A further broker wants a name: AddKeyedRpcGen(\"name\", section).");
        }

        Section = section;
    }

    /// <summary>The section that is read unless code gives one.</summary>
    public string DefaultPath => Key is null ? DefaultSection : $"{DefaultSection}:Brokers:{Key}";

    public ClientRegistration? FindClient(Type contract) => _clients.Find(client => client.Contract == contract);

    public ServiceRegistration? FindService(Type contract) => _services.Find(service => service.Contract == contract);

    public void Add(ClientRegistration client) => _clients.Add(client);

    public void Add(ServiceRegistration service) => _services.Add(service);

    /// <summary>Something of this broker's, out of the container.</summary>
    public T Resolve<T>(IServiceProvider services)
        where T : notnull => Key is null ? services.GetRequiredService<T>() : services.GetRequiredKeyedService<T>(Key);
}
