using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RpcGen.Hosting;

/// <summary>
/// Fills a broker's options from configuration, and validates them together with the options of its clients and services, so
/// that the host's start reports all errors at once.
/// </summary>
internal sealed class BrokerOptionsSetup(BrokerRegistration registration, BrokerConfiguration configuration, IServiceProvider services)
    : IConfigureNamedOptions<RpcGenOptions>, IValidateOptions<RpcGenOptions>
{
    public void Configure(RpcGenOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, RpcGenOptions options)
    {
        if (name == registration.OptionsName)
        {
            configuration.Read(options, new SettingsProblems());
            options.ConnectionString = registration.ConnectionString ?? options.ConnectionString ?? registration.Key;
        }
    }

    public ValidateOptionsResult Validate(string? name, RpcGenOptions options)
    {
        if (name != registration.OptionsName)
        {
            return ValidateOptionsResult.Skip;
        }

        string path = configuration.Path;
        var problems = new SettingsProblems();
        configuration.Read(new RpcGenOptions(), problems);
        new ConnectionStringResolver(registration, configuration).Resolve(options, problems);
        problems.Check($"{path}:", () => options.ForConnection().Validate());
        problems.Check($"{path}:", () => RpcTimeouts.ThrowIfInvalid(options.StartTimeout, nameof(options.StartTimeout)));
        if (problems.Check($"{path}:", () => ForClients(options).Validate()))
        {
            foreach (ClientRegistration client in registration.Clients)
            {
                Find<RpcClientOptions>(client, problems);
            }
        }

        if (problems.Check($"{path}:", () => ForServices(options).Validate()))
        {
            CheckQueues([.. registration.Services.Select(service => (service, Find<RpcServerOptions>(service, problems)?.Queue ?? service.Queue))], problems);
        }

        return problems.ToResult();
    }

    private static RpcClientOptions ForClients(RpcGenOptions options)
    {
        var result = new RpcClientOptions();
        options.ApplyTo(result);
        return result;
    }

    private static RpcServerOptions ForServices(RpcGenOptions options)
    {
        var result = new RpcServerOptions();
        options.ApplyTo(result);
        return result;
    }

    private static void CheckQueues(IReadOnlyCollection<(ServiceRegistration Service, string Queue)> services, SettingsProblems problems)
    {
        foreach (var shared in services.GroupBy(service => service.Queue, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            problems.Add($"{string.Join(" and ", shared.Select(entry => entry.Service.Name))} would be served on one queue, '{shared.Key}', and get each other's calls: give each a queue of its own.");
        }
    }

    /// <summary>Gets the options of a contract; null, and errors, if they are invalid.</summary>
    private TOptions? Find<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(ContractRegistration contract, SettingsProblems problems)
        where TOptions : class
    {
        try
        {
            return services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(registration.GetOptionsName(contract));
        }
        catch (OptionsValidationException e)
        {
            foreach (string failure in e.Failures)
            {
                problems.Add(failure);
            }

            return null;
        }
    }
}
