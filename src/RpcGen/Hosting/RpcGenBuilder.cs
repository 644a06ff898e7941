using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RpcGen.Hosting;

/// <summary>Registers the clients and services that an application has on one broker. Not thread-safe, like the service collection.</summary>
public class RpcGenBuilder
{
    private readonly BrokerRegistration _registration;

    internal RpcGenBuilder(IServiceCollection services, BrokerRegistration registration)
    {
        Services = services;
        _registration = registration;
    }

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The key of the broker's clients and of its <see cref="RpcConnection"/>; null for the default broker, whose services have no key.</summary>
    public string? ServiceKey => _registration.Key;

    /// <summary>
    /// Makes a client of a contract injectable: a singleton, with the key <see cref="ServiceKey"/> if there is one. It can be
    /// resolved before the broker is reachable: calls wait for the connection within their time limits.
    /// </summary>
    /// <remarks>
    /// The client's options are named options: their name is the contract's full name, such as <c>Shop.IOrders</c>, or
    /// <c>key:Shop.IOrders</c> with a keyed broker. <c>services.Configure&lt;RpcClientOptions&gt;(name, …)</c> and
    /// <c>PostConfigure</c> change them too.
    /// </remarks>
    /// <typeparam name="T">The contract: a partial interface with <see cref="AmqpRpcAttribute"/>.</typeparam>
    /// <param name="configure">Changes the options, after configuration: <c>options => options.Timeout = …</c>. Further calls for the same contract add up.</param>
    /// <returns>A builder that adds to this client, and to the broker as this builder does.</returns>
    public RpcClientBuilder AddClient<T>(Action<RpcClientOptions>? configure = null)
        where T : class, IRpcContract<T>
    {
        BrokerRegistration registration = _registration;
        if (registration.FindClient(typeof(T)) is not { } client)
        {
            client = new ClientRegistration<T>();
            registration.Add(client);
            Services.Add(ServiceDescriptor.KeyedSingleton<T>(registration.Key, (services, _) => registration.Resolve<Broker>(services).GetClient<T>(client)));
        }

        if (configure is not null)
        {
            Services.Configure(registration.GetOptionsName(client), configure);
        }

        return new RpcClientBuilder(Services, registration, client);
    }

    /// <summary>Serves a contract from the host's start to its stop, with objects that the container creates.</summary>
    /// <remarks>
    /// The server's options are named options: their name is the contract's full name, such as <c>Shop.IOrders</c>, or
    /// <c>key:Shop.IOrders</c> with a keyed broker. <c>services.Configure&lt;RpcServerOptions&gt;(name, …)</c> and
    /// <c>PostConfigure</c> change them too.
    /// </remarks>
    /// <typeparam name="T">The contract: a partial interface with <see cref="AmqpRpcAttribute"/>.</typeparam>
    /// <typeparam name="TImplementation">The class that runs the calls. It is added to the services with <paramref name="lifetime"/> unless it is there already.</typeparam>
    /// <param name="configure">Changes the options, after configuration: <c>options => options.MaxConcurrentCalls = …</c>. Further calls for the same contract add up.</param>
    /// <param name="lifetime">
    /// Default: <see cref="ServiceLifetime.Scoped"/>, which gives each call a scope of its own that is disposed when the call
    /// has ended. With <see cref="ServiceLifetime.Singleton"/> one object runs all calls, several at the same time, so it must
    /// be thread-safe.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">Another class serves the contract, or the class has another lifetime.</exception>
    public RpcGenBuilder AddService<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(
        Action<RpcServerOptions>? configure = null,
        ServiceLifetime lifetime = ServiceLifetime.Scoped)
        where T : class, IRpcContract<T>
        where TImplementation : class, T
    {
        if (_registration.FindService(typeof(T)) is not { } service)
        {
            AddImplementation(typeof(TImplementation), lifetime);
            service = new ServiceRegistration<T, TImplementation>(lifetime);
            _registration.Add(service);
        }
        else if (service.Implementation != typeof(TImplementation) || service.Lifetime != lifetime || service.Instance is not null)
        {
            throw ServedAlready(service, $"{typeof(TImplementation).Name} ({lifetime})");
        }

        return Configure(service, configure);
    }

    /// <summary>
    /// Serves a contract from the host's start to its stop, with one object that runs all calls, several at the same time, so it must
    /// be thread-safe. The application disposes it.
    /// </summary>
    /// <typeparam name="T">The contract, which must be written out: <c>AddService&lt;IOrders&gt;(new Orders())</c>.</typeparam>
    /// <param name="instance">The object that runs the calls.</param>
    /// <param name="configure">Changes the options, after configuration. Further calls for the same contract add up.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">Another object or class already serves the contract.</exception>
    public RpcGenBuilder AddService<T>(T instance, Action<RpcServerOptions>? configure = null)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(instance);
        if (_registration.FindService(typeof(T)) is not { } service)
        {
            service = new InstanceRegistration<T>(instance);
            _registration.Add(service);
        }
        else if (!ReferenceEquals(service.Instance, instance))
        {
            throw ServedAlready(service, $"an object of {instance.GetType().Name}");
        }

        return Configure(service, configure);
    }

    /// <summary>
    /// Adds an interceptor to the calls of all clients of this broker, inside those added before. The container creates it once;
    /// it must be thread-safe. It is added to the services as a singleton unless it is there already.
    /// </summary>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">The interceptor was added to the services as scoped.</exception>
    public RpcGenBuilder AddClientInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>()
        where TInterceptor : class, IRpcClientInterceptor
    {
        AddSingleton<TInterceptor>();
        _registration.ClientInterceptors.Add(typeof(TInterceptor));
        return this;
    }

    /// <summary>
    /// Adds an interceptor to the calls of all services of this broker, inside those added before. It is added to the services unless it is there already.
    /// </summary>
    /// <param name="lifetime">
    /// <see cref="ServiceLifetime.Singleton"/>: the container creates it once, and it must be thread-safe. <see cref="ServiceLifetime.Scoped"/> and
    /// <see cref="ServiceLifetime.Transient"/>: each call gets one from its scope, which is also that of the service. For a service without scopes, each
    /// call has a scope that ends when the interceptor returns, also if the result is a stream. Default: <see cref="ServiceLifetime.Singleton"/>.
    /// </param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">The lifetime is a singleton's, but the interceptor was added to the services as scoped.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such lifetime.</exception>
    public RpcGenBuilder AddServerInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>(ServiceLifetime lifetime = ServiceLifetime.Singleton)
        where TInterceptor : class, IRpcServerInterceptor
    {
        if (!Enum.IsDefined(lifetime))
        {
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, $"The lifetime must be {string.Join(" or ", Enum.GetNames<ServiceLifetime>())}.");
        }

        if (lifetime == ServiceLifetime.Singleton)
        {
            AddSingleton<TInterceptor>("pass ServiceLifetime.Scoped, so that each call gets its own");
            _registration.ServerInterceptors.Add(static services => services.GetRequiredService<TInterceptor>());
        }
        else
        {
            Services.TryAdd(new ServiceDescriptor(typeof(TInterceptor), typeof(TInterceptor), lifetime));
            _registration.ServerInterceptors.Add(static services => new ScopedInterceptor<TInterceptor>(services.GetRequiredService<IServiceScopeFactory>()));
        }

        return this;
    }

    /// <summary>
    /// Gets the login of this broker's connections from a service of the application: for each connection, and before
    /// <see cref="RpcCredentials.ValidUntil"/> for open ones. See <see cref="RpcConnectionOptions.Credentials"/>. The last call wins.
    /// </summary>
    /// <param name="credentials">
    /// Returns the login. It gets the application's root container, and several threads can call it at the same time.
    /// </param>
    /// <returns>The same builder.</returns>
    public RpcGenBuilder UseCredentials(Func<IServiceProvider, CancellationToken, ValueTask<RpcCredentials>> credentials)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        _registration.Credentials = credentials;
        return this;
    }

    /// <summary>
    /// Adds an authenticator, which identifies callers of this broker's services before a call's arguments are read. It is added to
    /// the services as scoped unless it is there already, and comes from the call's scope. A service that is a singleton has no
    /// scopes, so each check gets its own.
    /// </summary>
    /// <remarks>If several are added, the last one is used.</remarks>
    /// <returns>The same builder.</returns>
    public RpcGenBuilder AddAuthenticator<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TAuthenticator>()
        where TAuthenticator : class, IRpcAuthenticator
    {
        Services.TryAddScoped<TAuthenticator>();
        _registration.Authenticator = static services => new ScopedAuthenticator<TAuthenticator>(services.GetRequiredService<IServiceScopeFactory>());
        return this;
    }

    /// <summary>Adds an authenticator that the application creates, once for this broker. It must be thread-safe.</summary>
    /// <remarks>If several are added, the last one is used.</remarks>
    /// <param name="factory">Creates the authenticator from the application's services.</param>
    /// <returns>The same builder.</returns>
    public RpcGenBuilder AddAuthenticator(Func<IServiceProvider, IRpcAuthenticator> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _registration.Authenticator = factory;
        return this;
    }

    /// <summary>
    /// Adds an authorizer, which decides on the policies of this broker's services before a call's arguments are read. It is added to
    /// the services as scoped unless it is there already, and comes from the call's scope, as with <see cref="AddAuthenticator"/>.
    /// </summary>
    /// <remarks>If several are added, the last one is used.</remarks>
    /// <returns>The same builder.</returns>
    public RpcGenBuilder AddAuthorizer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TAuthorizer>()
        where TAuthorizer : class, IRpcAuthorizer
    {
        Services.TryAddScoped<TAuthorizer>();
        _registration.Authorizer = static services => new ScopedAuthorizer<TAuthorizer>(services.GetRequiredService<IServiceScopeFactory>());
        return this;
    }

    /// <summary>Adds an interceptor to the services unless it is there already.</summary>
    /// <param name="remedy">What to do for scoped services, as a clause.</param>
    /// <exception cref="InvalidOperationException">It is there as scoped.</exception>
    private protected void AddSingleton<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>(
        string remedy = "let it create a scope if it needs scoped services for each call")
        where TInterceptor : class
    {
        if (FindDescriptor(typeof(TInterceptor)) is { Lifetime: ServiceLifetime.Scoped })
        {
            throw new InvalidOperationException($"{typeof(TInterceptor).Name} was added to the services as Scoped, but one interceptor sees all calls. Add it as a singleton, let the builder add it, or {remedy}.");
        }

        Services.TryAddSingleton<TInterceptor>();
    }

    private static InvalidOperationException ServedAlready(ServiceRegistration service, string other)
    {
        string known = service.Instance is null ? $"{service.Implementation.Name} ({service.Lifetime})" : $"an object of {service.Implementation.Name}";
        return new InvalidOperationException($"{service.Name} is served by {known} already and can't also be served by {other}: both would take its calls in turn. Remove one.");
    }

    private RpcGenBuilder Configure(ServiceRegistration service, Action<RpcServerOptions>? configure)
    {
        if (configure is not null)
        {
            Services.Configure(_registration.GetOptionsName(service), configure);
        }

        return this;
    }

    private ServiceDescriptor? FindDescriptor(Type type) => Services.LastOrDefault(descriptor => descriptor.ServiceType == type && !descriptor.IsKeyedService);

    private void AddImplementation([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type implementation, ServiceLifetime lifetime)
    {
        if (implementation.IsInterface)
        {
            throw new InvalidOperationException($"{implementation.Name} can't serve: name the class that implements it, AddService<{implementation.Name}, TheClass>().");
        }

        ServiceDescriptor? known = FindDescriptor(implementation);
        if (known is null)
        {
            Services.Add(new ServiceDescriptor(implementation, implementation, lifetime));
        }
        else if (lifetime == ServiceLifetime.Singleton && known.Lifetime != lifetime)
        {
            throw new InvalidOperationException($"{implementation.Name} must serve as a singleton, but was added to the services as {known.Lifetime}. Add it as a singleton, or let AddService add it.");
        }
    }
}
