using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace RpcGen.Hosting;

/// <summary>One broker of a running application: makes what the container hands out.</summary>
internal sealed class Broker
{
    private readonly IServiceProvider _services;
    private readonly BrokerSettings _settings;

    public Broker(BrokerRegistration registration, IServiceProvider services)
    {
        Registration = registration;
        _services = services;
        _settings = new BrokerSettings(registration, services.GetService<IConfiguration>());
        LoggerFactory = services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Hosted = new BrokerHostedService(this, services);
    }

    /// <summary>The broker of this name, null for the default one.</summary>
    /// <exception cref="InvalidOperationException">The application has none.</exception>
    public static Broker Find(IServiceProvider services, string? key) =>
        (key is null ? services.GetService<Broker>() : services.GetKeyedService<Broker>(key))
        ?? throw new InvalidOperationException($"The application has no such broker: add it to the services with {new BrokerRegistration(key).Method}.");

    public BrokerRegistration Registration { get; }

    public ILoggerFactory LoggerFactory { get; }

    public TimeProvider Time { get; }

    /// <summary>What starts and stops with the host.</summary>
    public BrokerHostedService Hosted { get; }

    /// <summary>The settings.</summary>
    /// <exception cref="OptionsValidationException">They are not valid.</exception>
    public RpcGenOptions Options => _services.GetRequiredService<IOptionsMonitor<RpcGenOptions>>().Get(Registration.OptionsName);

    public RpcConnection Connection => Registration.Resolve<RpcConnection>(_services);

    /// <summary>A connection that opens in the background. For the container, which disposes it.</summary>
    public RpcConnection Connect()
    {
        RpcGenOptions options = Options;
        return RpcConnection.Open(_settings.ResolveConnectionString(options, new SettingsProblems()), new RpcConnectionOptions
        {
            ConnectionName = options.ConnectionName ?? _services.GetService<IHostEnvironment>()?.ApplicationName,
            LoggerFactory = LoggerFactory,
            JsonContexts = [.. options.JsonContexts],
            MaxMessageBytes = options.MaxMessageBytes,
            Batching = options.Batching,
            SendBrokerUser = options.SendBrokerUser,
            ClientInterceptors = [.. Registration.ClientInterceptors.Select(type => (IRpcClientInterceptor)_services.GetRequiredService(type))],
            ServerInterceptors = [.. Registration.ServerInterceptors.Select(type => (IRpcServerInterceptor)_services.GetRequiredService(type))],
            TimeProvider = Time,
        });
    }

    public T CreateClient<T>(ClientRegistration client)
        where T : class, IRpcContract<T> => Connection.CreateClient<T>(GetOptions(client));

    /// <summary>The queue that clients of a contract call, or its service serves.</summary>
    /// <exception cref="InvalidOperationException">The application has neither here.</exception>
    public string FindQueue(Type contract) =>
        Registration.FindClient(contract) is { } client ? GetOptions(client).Queue ?? client.Queue
        : Registration.FindService(contract) is { } service ? GetOptions(service).Queue ?? service.Queue
        : throw new InvalidOperationException($"{contract.Name} can't be checked: add a client of it to {Registration.Method} with AddClient<{contract.Name}>.");

    public RpcClientOptions GetOptions(ClientRegistration client) => _settings.GetOptions(client, Options, new SettingsProblems());

    public RpcServerOptions GetOptions(ServiceRegistration service) => _settings.GetOptions(service, Options, new SettingsProblems());
}
