using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RpcGen;
using RpcGen.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds RpcGen to an application: clients that can be injected, services that start and stop with the host.</summary>
public static class RpcGenServiceCollectionExtensions
{
    /// <summary>
    /// Adds a broker, which the configuration names: <c>RpcGen:ConnectionString</c>. Where it was added before, more clients and
    /// services can be added to it.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes what configuration says.</param>
    public static RpcGenBuilder AddRpcGen(this IServiceCollection services, Action<RpcGenOptions>? configure = null) =>
        AddBroker(services, key: null, connectionString: null, configuration: null, configure);

    /// <summary>Adds a broker. Its settings, other than the address, are read from the configuration section <c>RpcGen</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString">
    /// An address (<c>amqp://…</c>, <c>amqps://…</c>, <c>memory://name</c>) or, without <c>://</c>, the name of a connection string, which
    /// is looked up in <c>ConnectionStrings</c> when the host starts.
    /// </param>
    /// <param name="configure">Changes what configuration says.</param>
    /// <exception cref="InvalidOperationException">A broker was added before, with another connection string.</exception>
    public static RpcGenBuilder AddRpcGen(this IServiceCollection services, string connectionString, Action<RpcGenOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return AddBroker(services, key: null, connectionString, configuration: null, configure);
    }

    /// <summary>Adds a broker, with settings from a configuration section of your choice.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The section; of a whole configuration, its section <c>RpcGen</c> is meant.</param>
    /// <param name="configure">Changes what configuration says.</param>
    /// <exception cref="InvalidOperationException">A broker was added before, with another section.</exception>
    public static RpcGenBuilder AddRpcGen(this IServiceCollection services, IConfiguration configuration, Action<RpcGenOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return AddBroker(services, key: null, connectionString: null, configuration, configure);
    }

    /// <summary>
    /// Adds a further broker, whose clients and <see cref="RpcConnection"/> are keyed services: <c>[FromKeyedServices("name")]</c>. Its
    /// settings are read from the configuration section <c>RpcGen:Brokers:name</c>.
    /// </summary>
    /// <remarks>Where nothing else is said, its address is the connection string of its name.</remarks>
    /// <param name="services">The application's services.</param>
    /// <param name="serviceKey">The broker's name, and the key of its services.</param>
    /// <param name="configure">Changes what configuration says.</param>
    public static RpcGenBuilder AddKeyedRpcGen(this IServiceCollection services, string serviceKey, Action<RpcGenOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        return AddBroker(services, serviceKey, connectionString: null, configuration: null, configure);
    }

    /// <inheritdoc cref="AddKeyedRpcGen(IServiceCollection, string, Action{RpcGenOptions}?)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="serviceKey">The broker's name, and the key of its services.</param>
    /// <param name="connectionString">As in <see cref="AddRpcGen(IServiceCollection, string, Action{RpcGenOptions}?)"/>.</param>
    /// <param name="configure">Changes what configuration says.</param>
    /// <exception cref="InvalidOperationException">A broker of this name was added before, with another connection string.</exception>
    public static RpcGenBuilder AddKeyedRpcGen(this IServiceCollection services, string serviceKey, string connectionString, Action<RpcGenOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return AddBroker(services, serviceKey, connectionString, configuration: null, configure);
    }

    /// <inheritdoc cref="AddKeyedRpcGen(IServiceCollection, string, Action{RpcGenOptions}?)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="serviceKey">The broker's name, and the key of its services.</param>
    /// <param name="configuration">The section with its settings.</param>
    /// <param name="configure">Changes what configuration says.</param>
    public static RpcGenBuilder AddKeyedRpcGen(this IServiceCollection services, string serviceKey, IConfiguration configuration, Action<RpcGenOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        ArgumentNullException.ThrowIfNull(configuration);
        return AddBroker(services, serviceKey, connectionString: null, configuration, configure);
    }

    private static RpcGenBuilder AddBroker(IServiceCollection services, string? key, string? connectionString, IConfiguration? configuration, Action<RpcGenOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        BrokerRegistration registration = FindRegistration(services, key) ?? AddRegistration(services, key);
        if (connectionString is not null)
        {
            registration.SetConnectionString(connectionString);
        }

        if (configuration is not null)
        {
            registration.SetConfiguration(configuration);
        }

        if (configure is not null)
        {
            services.Configure(registration.OptionsName, configure);
        }

        return new RpcGenBuilder(services, registration);
    }

    private static BrokerRegistration? FindRegistration(IServiceCollection services, string? key) =>
        services
            .Where(descriptor => descriptor.ServiceType == typeof(BrokerRegistration))
            .Select(descriptor => (BrokerRegistration?)(descriptor.IsKeyedService ? descriptor.KeyedImplementationInstance : descriptor.ImplementationInstance))
            .FirstOrDefault(registration => registration?.Key == key);

    private static BrokerRegistration AddRegistration(IServiceCollection services, string? key)
    {
        var registration = new BrokerRegistration(key);
        services.Add(new ServiceDescriptor(typeof(BrokerRegistration), key, registration));
        services.AddOptions<RpcGenOptions>(registration.OptionsName).ValidateOnStart();
        services.AddSingleton<IConfigureOptions<RpcGenOptions>>(provider => new BrokerSettings(registration, provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<RpcGenOptions>>(provider => new BrokerSettings(registration, provider.GetService<IConfiguration>()));
        services.Add(ServiceDescriptor.KeyedSingleton(key, (provider, _) => new Broker(registration, provider)));
        services.Add(ServiceDescriptor.KeyedSingleton(key, (provider, _) => registration.Resolve<Broker>(provider).Connect()));
        services.AddSingleton<IHostedService>(provider => registration.Resolve<Broker>(provider).Hosted);
        services.TryAddScoped(_ => RpcCallContext.Current ?? throw new InvalidOperationException(
            "RpcCallContext can be injected only into what runs a call, in the scope of that call. Elsewhere ask RpcCallContext.Current, which is null outside of calls."));
        return registration;
    }
}
