using RpcGen;
using RpcGen.Testing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects applications under test to a <see cref="RpcTestBroker"/>.</summary>
public static class RpcTestingServiceCollectionExtensions
{
    /// <summary>
    /// Has every broker of the application be this one, regardless of its configuration: for <c>ConfigureTestServices</c> of
    /// <c>WebApplicationFactory</c>, and after all other registrations elsewhere.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="broker">The broker, which the test disposes after the application.</param>
    public static IServiceCollection UseRpcTestBroker(this IServiceCollection services, RpcTestBroker broker)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(broker);
        return services.PostConfigureAll<RpcGenOptions>(options => Redirect(options, broker));
    }

    /// <summary>Has one keyed broker of the application be this one.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="serviceKey">The key, as in <c>AddKeyedRpcGen</c>.</param>
    /// <param name="broker">The broker, which the test disposes after the application.</param>
    public static IServiceCollection UseRpcTestBroker(this IServiceCollection services, string serviceKey, RpcTestBroker broker)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(serviceKey);
        ArgumentNullException.ThrowIfNull(broker);
        return services.PostConfigure<RpcGenOptions>(serviceKey, options => Redirect(options, broker));
    }

    private static void Redirect(RpcGenOptions options, RpcTestBroker broker)
    {
        options.ConnectionString = broker.ConnectionString;
        options.Observer = broker.Observe;
    }
}
