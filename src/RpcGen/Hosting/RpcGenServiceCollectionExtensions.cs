using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RpcGen;
using RpcGen.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds RpcGen to an application: clients that can be injected, and services that start and stop with the host.</summary>
public static class RpcGenServiceCollectionExtensions
{
    /// <summary>
    /// Adds the default broker. Its address comes from configuration: <c>RpcGen:ConnectionString</c>. Further calls return a
    /// builder for the same broker.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the options, after configuration.</param>
    public static RpcGenBuilder AddRpcGen(this IServiceCollection services, Action<RpcGenOptions>? configure = null) =>
        AddBroker(services, key: null, connectionString: null, configuration: null, configure);

    /// <summary>Adds the default broker. Its other settings are read from the configuration section <c>RpcGen</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString">
    /// An address (<c>amqp://…</c>, <c>amqps://…</c>, <c>memory://name</c>), or the name of an entry of <c>ConnectionStrings</c>,
    /// which is looked up when the host starts.
    /// </param>
    /// <param name="configure">Changes the options, after configuration.</param>
    /// <exception cref="InvalidOperationException">The broker was added before with another connection string.</exception>
    public static RpcGenBuilder AddRpcGen(this IServiceCollection services, string connectionString, Action<RpcGenOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return AddBroker(services, key: null, connectionString, configuration: null, configure);
    }

    /// <summary>Adds the default broker, with settings from a configuration section of your choice.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The section, or a whole configuration, whose section <c>RpcGen</c> is read.</param>
    /// <param name="configure">Changes the options, after configuration.</param>
    /// <exception cref="InvalidOperationException">The broker was added before with another section.</exception>
    public static RpcGenBuilder AddRpcGen(this IServiceCollection services, IConfiguration configuration, Action<RpcGenOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return AddBroker(services, key: null, connectionString: null, configuration, configure);
    }

    /// <summary>
    /// Adds another broker. Its clients and its <see cref="RpcConnection"/> are keyed services:
    /// <c>[FromKeyedServices("orders")]</c>. Its settings are read from the configuration section <c>RpcGen:Brokers:orders</c>.
    /// </summary>
    /// <remarks>If its address is not set elsewhere, it is the entry of <c>ConnectionStrings</c> with the broker's key.</remarks>
    /// <param name="services">The application's services.</param>
    /// <param name="serviceKey">The broker's name, which is the key of its services.</param>
    /// <param name="configure">Changes the options, after configuration.</param>
    public static RpcGenBuilder AddKeyedRpcGen(this IServiceCollection services, string serviceKey, Action<RpcGenOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        return AddBroker(services, serviceKey, connectionString: null, configuration: null, configure);
    }

    /// <inheritdoc cref="AddKeyedRpcGen(IServiceCollection, string, Action{RpcGenOptions}?)" path="/*[not(self::param)]"/>
    /// <param name="services">The application's services.</param>
    /// <param name="serviceKey">The broker's name, which is the key of its services.</param>
    /// <param name="connectionString">See <see cref="AddRpcGen(IServiceCollection, string, Action{RpcGenOptions}?)"/>.</param>
    /// <param name="configure">Changes the options, after configuration.</param>
    /// <exception cref="InvalidOperationException">The broker was added before with another connection string.</exception>
    public static RpcGenBuilder AddKeyedRpcGen(this IServiceCollection services, string serviceKey, string connectionString, Action<RpcGenOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(serviceKey);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return AddBroker(services, serviceKey, connectionString, configuration: null, configure);
    }

    /// <inheritdoc cref="AddKeyedRpcGen(IServiceCollection, string, Action{RpcGenOptions}?)" path="/*[not(self::param)]"/>
    /// <param name="services">The application's services.</param>
    /// <param name="serviceKey">The broker's name, which is the key of its services.</param>
    /// <param name="configuration">The section with its settings, or a whole configuration, whose section <c>RpcGen:Brokers:name</c> is read.</param>
    /// <param name="configure">Changes the options, after configuration.</param>
    /// <exception cref="InvalidOperationException">The broker was added before with another section.</exception>
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
        services.Add(ServiceDescriptor.KeyedSingleton(key, (provider, _) => new BrokerConfiguration(registration, provider.GetService<IConfiguration>())));
        services.Add(ServiceDescriptor.KeyedSingleton(key, (provider, _) => new Broker(registration, provider)));
        services.Add(ServiceDescriptor.KeyedSingleton(key, (provider, _) => registration.Resolve<Broker>(provider).Connect()));
        services.AddSingleton<IHostedService>(provider => registration.Resolve<Broker>(provider).Hosted);
        AddOptions(services, registration);
        services.TryAddScoped(_ => RpcCallContext.Current ?? throw new InvalidOperationException(
            "RpcCallContext can be injected only into services that run a call, in the scope of that call. Elsewhere use RpcCallContext.Current, which is null outside a call."));
        return registration;
    }

    private static void AddOptions(IServiceCollection services, BrokerRegistration registration)
    {
        services.AddOptions<RpcGenOptions>(registration.OptionsName).ValidateOnStart();
        AddSetup<RpcGenOptions, BrokerOptionsSetup>(services, provider => new BrokerOptionsSetup(registration, registration.Resolve<BrokerConfiguration>(provider), provider));
        AddSetup<RpcClientOptions, ClientOptionsSetup>(services, provider => new ClientOptionsSetup(registration, registration.Resolve<BrokerConfiguration>(provider), provider));
        AddSetup<RpcServerOptions, ServiceOptionsSetup>(services, provider => new ServiceOptionsSetup(registration, registration.Resolve<BrokerConfiguration>(provider), provider));
    }

    private static void AddSetup<TOptions, TSetup>(IServiceCollection services, Func<IServiceProvider, TSetup> create)
        where TOptions : class
        where TSetup : class, IConfigureNamedOptions<TOptions>, IValidateOptions<TOptions>
    {
        // First, wherever the application adds RpcGen: what code configures must override what configuration says.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<TOptions>>(create));
        services.AddSingleton<IValidateOptions<TOptions>>(create);
    }
}
