using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RpcGen.Generated;

namespace RpcGen.Hosting;

/// <summary>A service that the application serves.</summary>
internal abstract class ServiceRegistration(Type contract, RpcContract description, Type implementation, ServiceLifetime lifetime)
    : ContractRegistration(contract, description)
{
    public Type Implementation { get; } = implementation;

    public ServiceLifetime Lifetime { get; } = lifetime;

    public override string Method => $"AddService<{Name}, {Implementation.Name}>";

    /// <summary>The object that runs all calls, if code gives it; null if the container creates the implementation.</summary>
    public virtual object? Instance => null;

    /// <summary>Starts a server.</summary>
    public abstract Task<RpcServer> ServeAsync(RpcConnection connection, IServiceProvider services, ILogger log, RpcServerOptions options, CancellationToken cancellationToken);
}

/// <summary>A service whose objects come from the container.</summary>
internal sealed class ServiceRegistration<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(ServiceLifetime lifetime)
    : ServiceRegistration(typeof(T), ContractFormat.Describe<T>(), typeof(TImplementation), lifetime)
    where T : class, IRpcContract<T>
    where TImplementation : class, T
{
    public override Task<RpcServer> ServeAsync(RpcConnection connection, IServiceProvider services, ILogger log, RpcServerOptions options, CancellationToken cancellationToken) =>
        Lifetime == ServiceLifetime.Singleton
            ? connection.ServeAsync<T>(services.GetRequiredService<TImplementation>(), options, cancellationToken)
            : connection.ServeFromAsync(new ScopedServices<T, TImplementation>(services.GetRequiredService<IServiceScopeFactory>(), log), options, cancellationToken);
}

/// <summary>A service that one object runs, which code has created.</summary>
internal sealed class InstanceRegistration<T>(T instance) : ServiceRegistration(typeof(T), ContractFormat.Describe<T>(), instance.GetType(), ServiceLifetime.Singleton)
    where T : class, IRpcContract<T>
{
    public override object Instance => instance;

    public override Task<RpcServer> ServeAsync(RpcConnection connection, IServiceProvider services, ILogger log, RpcServerOptions options, CancellationToken cancellationToken) =>
        connection.ServeAsync(instance, options, cancellationToken);
}
