using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace RpcGen.Hosting;

/// <summary>One broker of a running application: creates its connection and its clients for the container. Thread-safe.</summary>
internal sealed class Broker
{
    private readonly IServiceProvider _services;
    private readonly ConcurrentDictionary<ClientRegistration, Lazy<object>> _clients = new();

    public Broker(BrokerRegistration registration, IServiceProvider services)
    {
        Registration = registration;
        _services = services;
        Configuration = registration.Resolve<BrokerConfiguration>(services);
        LoggerFactory = services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Hosted = new BrokerHostedService(this, services);
    }

    /// <summary>Finds the broker of a key, or the default broker if the key is null.</summary>
    /// <exception cref="InvalidOperationException">The application has no such broker.</exception>
    public static Broker Find(IServiceProvider services, string? key) =>
        (key is null ? services.GetService<Broker>() : services.GetKeyedService<Broker>(key))
        ?? throw new InvalidOperationException($"The application has no such broker: add it to the services with {new BrokerRegistration(key).Method}.");

    public BrokerRegistration Registration { get; }

    public BrokerConfiguration Configuration { get; }

    public ILoggerFactory LoggerFactory { get; }

    public TimeProvider Time { get; }

    /// <summary>Starts and stops with the host.</summary>
    public BrokerHostedService Hosted { get; }

    /// <summary>The broker's options.</summary>
    /// <exception cref="OptionsValidationException">They are invalid.</exception>
    public RpcGenOptions Options => _services.GetRequiredService<IOptionsMonitor<RpcGenOptions>>().Get(Registration.OptionsName);

    /// <summary>The broker's connection, which the container creates on first use.</summary>
    public RpcConnection Connection => Registration.Resolve<RpcConnection>(_services);

    /// <summary>Creates the connection, which opens in the background. The container disposes it.</summary>
    public RpcConnection Connect()
    {
        RpcGenOptions options = Options;
        RpcConnectionOptions result = options.ForConnection();
        result.ConnectionName ??= _services.GetService<IHostEnvironment>()?.ApplicationName is { } application ? RpcConnection.NameOf(application) : null;
        result.LoggerFactory = LoggerFactory;
        result.TimeProvider = Time;
        result.Authenticator = Registration.Authenticator?.Invoke(_services);
        result.Authorizer = Registration.Authorizer?.Invoke(_services);
        if (Registration.Credentials is { } credentials)
        {
            result.Credentials = cancellationToken => credentials(_services, cancellationToken);
        }

        result.JsonContexts.AddRange(options.JsonContexts);
        result.ClientInterceptors.AddRange(Registration.ClientInterceptors.Select(type => (IRpcClientInterceptor)_services.GetRequiredService(type)));
        result.ServerInterceptors.AddRange(Registration.ServerInterceptors.Select(create => create(_services)));
        options.Observer?.Invoke(result);
        return RpcConnection.Open(new ConnectionStringResolver(Registration, Configuration).CreateSource(options), result);
    }

    /// <summary>Gets a client. It is created once; if that fails, the next caller tries again.</summary>
    public T GetClient<T>(ClientRegistration client)
        where T : class, IRpcContract<T>
    {
        Lazy<object> created = _clients.GetOrAdd(client, added => new Lazy<object>(() => CreateClient<T>(added)));
        try
        {
            return (T)created.Value;
        }
        catch
        {
            _clients.TryRemove(KeyValuePair.Create(client, created)); // it keeps its exception
            throw;
        }
    }

    /// <summary>Finds the queue that clients of a contract call, or the one that its service serves.</summary>
    /// <exception cref="InvalidOperationException">The application has neither on this broker.</exception>
    public string FindQueue(Type contract) =>
        Registration.FindClient(contract) is { } client ? GetOptions(client).Queue ?? client.Queue
        : Registration.FindService(contract) is { } service ? GetOptions(service).Queue ?? service.Queue
        : throw new InvalidOperationException($"{contract.Name} can't be checked: add a client of it to {Registration.Method} with AddClient<{contract.Name}>.");

    /// <exception cref="OptionsValidationException">They are invalid.</exception>
    public RpcClientOptions GetOptions(ClientRegistration client) =>
        _services.GetRequiredService<IOptionsMonitor<RpcClientOptions>>().Get(Registration.GetOptionsName(client));

    /// <exception cref="OptionsValidationException">They are invalid.</exception>
    public RpcServerOptions GetOptions(ServiceRegistration service) =>
        _services.GetRequiredService<IOptionsMonitor<RpcServerOptions>>().Get(Registration.GetOptionsName(service));

    private T CreateClient<T>(ClientRegistration client)
        where T : class, IRpcContract<T>
    {
        RpcConnection connection = Connection;
        var options = new RpcClientOptions(GetOptions(client));
        options.Interceptors.AddRange(client.Interceptors.Select(create => create(_services)));
        return connection.CreateClient<T>(options);
    }
}
