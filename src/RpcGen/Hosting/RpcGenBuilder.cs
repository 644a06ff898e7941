using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RpcGen.Hosting;

/// <summary>Adds to an application what it calls and serves on one broker. Not thread-safe, as the service collection is not.</summary>
public sealed class RpcGenBuilder
{
    private readonly BrokerRegistration _registration;

    internal RpcGenBuilder(IServiceCollection services, BrokerRegistration registration)
    {
        Services = services;
        _registration = registration;
    }

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The key under which the broker's clients and its <see cref="RpcConnection"/> are found; null for the default broker, whose have none.</summary>
    public string? ServiceKey => _registration.Key;

    /// <summary>
    /// Makes a client of a contract injectable: a singleton, keyed by <see cref="ServiceKey"/> if there is one. It can be had before the
    /// broker is there: calls wait for it within their deadline.
    /// </summary>
    /// <typeparam name="T">The contract: a partial interface with <see cref="AmqpRpcAttribute"/>.</typeparam>
    /// <param name="configure">Changes what configuration says: <c>options => options with { Timeout = … }</c>. Called again for a contract, it adds to what was said.</param>
    /// <returns>The same builder.</returns>
    public RpcGenBuilder AddClient<T>(Func<RpcClientOptions, RpcClientOptions>? configure = null)
        where T : class, IRpcContract<T>
    {
        if (_registration.FindClient(typeof(T)) is not { } client)
        {
            client = new ClientRegistration<T>();
            _registration.Add(client);
            BrokerRegistration registration = _registration;
            Services.Add(ServiceDescriptor.KeyedSingleton<T>(registration.Key, (services, _) => registration.Resolve<Broker>(services).CreateClient<T>(client)));
        }

        client.Configure(configure);
        return this;
    }

    /// <summary>Serves a contract for as long as the host runs.</summary>
    /// <typeparam name="T">The contract: a partial interface with <see cref="AmqpRpcAttribute"/>.</typeparam>
    /// <typeparam name="TImplementation">
    /// The class that runs the calls. It is added to the services with <paramref name="lifetime"/>, unless it is there already.
    /// </typeparam>
    /// <param name="configure">Changes what configuration says: <c>options => options with { MaxConcurrentCalls = … }</c>. Called again for a contract, it adds to what was said.</param>
    /// <param name="lifetime">
    /// <see cref="ServiceLifetime.Scoped"/>, the default: each call has a scope of its own, disposed when it has ended.
    /// <see cref="ServiceLifetime.Singleton"/>: one object runs all calls, several at the same time, and has to be thread-safe.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">The contract is served by another class, or the class has another lifetime.</exception>
    public RpcGenBuilder AddService<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        Func<RpcServerOptions, RpcServerOptions>? configure = null,
        ServiceLifetime lifetime = ServiceLifetime.Scoped)
        where T : class, IRpcContract<T>
        where TImplementation : class, T
    {
        if (_registration.FindService(typeof(T)) is not { } service)
        {
            service = new ServiceRegistration<T, TImplementation>(lifetime);
            AddImplementation(typeof(TImplementation), lifetime);
            _registration.Add(service);
        }
        else if (service.Implementation != typeof(TImplementation) || service.Lifetime != lifetime)
        {
            throw new InvalidOperationException(
                $"{typeof(T).Name} is served by {service.Implementation.Name} ({service.Lifetime}) already, and can't be by {typeof(TImplementation).Name} ({lifetime}) too: both would get its calls by turns. Remove one.");
        }

        service.Configure(configure);
        return this;
    }

    /// <summary>
    /// Has an interceptor see the calls of all clients of this broker, those added earlier being further out. It is made by the container, once, and
    /// serves many calls at the same time; added to the services as a singleton unless it is there already.
    /// </summary>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">It was added to the services for each scope.</exception>
    public RpcGenBuilder AddClientInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>()
        where TInterceptor : class, IRpcClientInterceptor
    {
        AddInterceptor<TInterceptor>();
        _registration.ClientInterceptors.Add(typeof(TInterceptor));
        return this;
    }

    /// <summary>
    /// Has an interceptor see the calls of all services of this broker, those added earlier being further out. It is made by the container, once, and
    /// serves many calls at the same time; added to the services as a singleton unless it is there already.
    /// </summary>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">It was added to the services for each scope.</exception>
    public RpcGenBuilder AddServerInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>()
        where TInterceptor : class, IRpcServerInterceptor
    {
        AddInterceptor<TInterceptor>();
        _registration.ServerInterceptors.Add(typeof(TInterceptor));
        return this;
    }

    private void AddInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>()
        where TInterceptor : class
    {
        if (FindService(typeof(TInterceptor)) is { Lifetime: ServiceLifetime.Scoped })
        {
            throw new InvalidOperationException($"{typeof(TInterceptor).Name} was added to the services as Scoped, but an interceptor serves all calls. Add it as a singleton, or leave that to the builder; what it needs for each call it takes out of a scope of its own.");
        }

        Services.TryAddSingleton<TInterceptor>();
    }

    private ServiceDescriptor? FindService(Type type) => Services.LastOrDefault(descriptor => descriptor.ServiceType == type && !descriptor.IsKeyedService);

    private void AddImplementation([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type implementation, ServiceLifetime lifetime)
    {
        if (implementation.IsInterface)
        {
            throw new InvalidOperationException($"{implementation.Name} can't serve: name the class that implements it, AddService<{implementation.Name}, TheClass>().");
        }

        ServiceDescriptor? known = FindService(implementation);
        if (known is null)
        {
            Services.Add(new ServiceDescriptor(implementation, implementation, lifetime));
        }
        else if (lifetime == ServiceLifetime.Singleton && known.Lifetime != lifetime)
        {
            throw new InvalidOperationException($"{implementation.Name} is to serve as a singleton, but was added to the services as {known.Lifetime}. Add it as a singleton, or leave that to AddService.");
        }
    }
}
