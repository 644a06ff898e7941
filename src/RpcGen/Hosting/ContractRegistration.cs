using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RpcGen.Generated;

namespace RpcGen.Hosting;

/// <summary>A contract that the application calls or serves on a broker.</summary>
internal abstract class ContractRegistration<TOptions>(Type contract, RpcContract description)
{
    private readonly List<Func<TOptions, TOptions>> _configurations = [];

    public Type Contract { get; } = contract;

    /// <summary>The contract's name as people write it, and as configuration has it.</summary>
    public string Name => Contract.Name;

    /// <summary>The contract's own queue, which settings may override.</summary>
    public string Queue { get; } = description.Queue;

    public void Configure(Func<TOptions, TOptions>? configure)
    {
        if (configure is not null)
        {
            _configurations.Add(configure);
        }
    }

    /// <summary>What code makes of the settings that configuration gives.</summary>
    public TOptions Apply(TOptions options) =>
        _configurations.Aggregate(options, (current, configure) => configure(current) ?? throw new ArgumentException($"What configures {Name} returned null: it must return options."));
}

/// <summary>A client.</summary>
internal abstract class ClientRegistration(Type contract, RpcContract description) : ContractRegistration<RpcClientOptions>(contract, description)
{
    /// <summary>Makes the client, only to see whether that can be done.</summary>
    public abstract void Check(RpcConnection connection, RpcClientOptions options);
}

/// <summary>A client of a contract.</summary>
internal sealed class ClientRegistration<T>() : ClientRegistration(typeof(T), T.DescribeContract())
    where T : class, IRpcContract<T>
{
    public override void Check(RpcConnection connection, RpcClientOptions options) => connection.CreateClient<T>(options);
}

/// <summary>A service.</summary>
internal abstract class ServiceRegistration(Type contract, RpcContract description, Type implementation, ServiceLifetime lifetime)
    : ContractRegistration<RpcServerOptions>(contract, description)
{
    public Type Implementation { get; } = implementation;

    public ServiceLifetime Lifetime { get; } = lifetime;

    /// <summary>Serves, with objects of the container.</summary>
    public abstract Task<RpcServer> ServeAsync(RpcConnection connection, IServiceProvider services, ILogger log, RpcServerOptions options, CancellationToken cancellationToken);
}

/// <summary>A service of a contract.</summary>
internal sealed class ServiceRegistration<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(ServiceLifetime lifetime)
    : ServiceRegistration(typeof(T), T.DescribeContract(), typeof(TImplementation), lifetime)
    where T : class, IRpcContract<T>
    where TImplementation : class, T
{
    public override Task<RpcServer> ServeAsync(RpcConnection connection, IServiceProvider services, ILogger log, RpcServerOptions options, CancellationToken cancellationToken) =>
        Lifetime == ServiceLifetime.Singleton
            ? connection.ServeAsync<T>(services.GetRequiredService<TImplementation>(), options, cancellationToken)
            : connection.ServeFromAsync(new ScopedServices<T, TImplementation>(services.GetRequiredService<IServiceScopeFactory>(), log), options, cancellationToken);
}
