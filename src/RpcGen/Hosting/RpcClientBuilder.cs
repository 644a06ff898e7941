using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace RpcGen.Hosting;

/// <summary>Adds to one client, and to its broker as <see cref="RpcGenBuilder"/> does. Not thread-safe, like the service collection.</summary>
public sealed class RpcClientBuilder : RpcGenBuilder
{
    private readonly ClientRegistration _client;

    internal RpcClientBuilder(IServiceCollection services, BrokerRegistration registration, ClientRegistration client)
        : base(services, registration) => _client = client;

    /// <summary>The client's contract.</summary>
    public Type Contract => _client.Contract;

    /// <summary>
    /// Adds an interceptor to the calls of this client alone, inside those added before and those of
    /// <see cref="RpcClientOptions.Interceptors"/>. The container creates it once; it must be thread-safe. It is added to the
    /// services as a singleton unless it is there already.
    /// </summary>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">The interceptor was added to the services as scoped.</exception>
    public RpcClientBuilder AddInterceptor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TInterceptor>()
        where TInterceptor : class, IRpcClientInterceptor
    {
        AddSingleton<TInterceptor>();
        return AddInterceptor(static services => services.GetRequiredService<TInterceptor>());
    }

    /// <summary>
    /// Adds an interceptor to the calls of this client alone, inside those added before and those of
    /// <see cref="RpcClientOptions.Interceptors"/>.
    /// </summary>
    /// <param name="factory">Creates the interceptor from the application's services, once. It must be thread-safe.</param>
    /// <returns>The same builder.</returns>
    public RpcClientBuilder AddInterceptor(Func<IServiceProvider, IRpcClientInterceptor> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _client.Interceptors.Add(factory);
        return this;
    }
}
