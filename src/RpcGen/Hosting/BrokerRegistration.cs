using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RpcGen.Hosting;

/// <summary>What the application's code has registered for one broker. Kept in the service collection, because more can be added later.</summary>
internal sealed class BrokerRegistration(string? key)
{
    public const string DefaultSection = "RpcGen";

    private readonly List<ClientRegistration> _clients = [];
    private readonly List<ServiceRegistration> _services = [];

    /// <summary>The key of the broker's services; null for the default broker, whose services have no key.</summary>
    public string? Key { get; } = key;

    /// <summary>The name of the broker's <see cref="RpcGenOptions"/>.</summary>
    public string OptionsName => Key ?? Options.DefaultName;

    /// <summary>The call that registers the broker, for messages.</summary>
    public string Method => Key is null ? "AddRpcGen" : $"AddKeyedRpcGen(\"{Key}\")";

    /// <summary>The connection string that code gives: an address, or a name in <c>ConnectionStrings</c>.</summary>
    public string? ConnectionString { get; private set; }

    /// <summary>The configuration section that code gives; null for the default section.</summary>
    public IConfigurationSection? Section { get; private set; }

    /// <summary>The path of the section that is read if code gives none.</summary>
    public string DefaultPath => Key is null ? DefaultSection : $"{DefaultSection}:Brokers:{Key}";

    public IReadOnlyList<ClientRegistration> Clients => _clients;

    public IReadOnlyList<ServiceRegistration> Services => _services;

    /// <summary>The types of the interceptors of all clients, the outermost first.</summary>
    public List<Type> ClientInterceptors { get; } = [];

    /// <summary>The types of the interceptors of all services, the outermost first.</summary>
    public List<Func<IServiceProvider, IRpcServerInterceptor>> ServerInterceptors { get; } = [];

    /// <summary>Returns the login of connections; null for the connection string's.</summary>
    public Func<IServiceProvider, CancellationToken, ValueTask<RpcCredentials>>? Credentials { get; set; }

    /// <summary>Creates what authenticates the callers of all services; null for nothing.</summary>
    public Func<IServiceProvider, IRpcAuthenticator>? Authenticator { get; set; }

    /// <summary>Creates what decides on the policies of all services; null for nothing.</summary>
    public Func<IServiceProvider, IRpcAuthorizer>? Authorizer { get; set; }

    /// <exception cref="InvalidOperationException">Another connection string was set before.</exception>
    public void SetConnectionString(string connectionString)
    {
        if (ConnectionString is not null && ConnectionString != connectionString)
        {
            throw new InvalidOperationException(
                $"{Method} was called before with another connection string. To add clients and services to the same broker, use what the first call returned. To add another broker, give it a name: AddKeyedRpcGen(\"name\", \"amqp://…\").");
        }

        ConnectionString = connectionString;
    }

    /// <param name="configuration">The broker's section, or a whole configuration that contains it.</param>
    /// <exception cref="InvalidOperationException">Another section was set before.</exception>
    public void SetConfiguration(IConfiguration configuration)
    {
        IConfigurationSection section = configuration as IConfigurationSection ?? configuration.GetSection(DefaultPath);
        if (Section is not null && Section.Path != section.Path)
        {
            throw new InvalidOperationException(
                $"{Method} was called before with the configuration section '{Section.Path}', now with '{section.Path}'. To add another broker, give it a name: AddKeyedRpcGen(\"name\", section).");
        }

        Section = section;
    }

    /// <summary>The name of a contract's options: its full name, after the broker's key if there is one.</summary>
    public string GetOptionsName(ContractRegistration contract) => Key is null ? contract.FullName : $"{Key}:{contract.FullName}";

    public ClientRegistration? FindClient(Type contract) => _clients.Find(client => client.Contract == contract);

    public ServiceRegistration? FindService(Type contract) => _services.Find(service => service.Contract == contract);

    public void Add(ClientRegistration client) => _clients.Add(client);

    public void Add(ServiceRegistration service) => _services.Add(service);

    /// <summary>Resolves a service of this broker from the container.</summary>
    public T Resolve<T>(IServiceProvider services)
        where T : notnull => Key is null ? services.GetRequiredService<T>() : services.GetRequiredKeyedService<T>(Key);
}
