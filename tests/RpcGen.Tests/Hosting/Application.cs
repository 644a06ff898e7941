using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RpcGen.Tests.Hosting;

/// <summary>Builds containers of applications in memory.</summary>
internal static class Application
{
    /// <summary>An address that no other test uses.</summary>
    public static string NewAddress() => $"memory://unit-{Guid.NewGuid():N}";

    public static ServiceProvider Build(Action<IServiceCollection> add, params (string Key, string? Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton(Configure(settings));
        add(services);
        return services.BuildServiceProvider(validateScopes: true);
    }

    public static IConfiguration Configure(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build();

    public static TOptions Get<TOptions>(this IServiceProvider services, string name) => services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);

    /// <summary>What the options of the default broker are refused with.</summary>
    public static string[] Failures(this IServiceProvider services, string name = "") =>
        [.. Assert.Throws<OptionsValidationException>(() => services.Get<RpcGenOptions>(name)).Failures];
}
