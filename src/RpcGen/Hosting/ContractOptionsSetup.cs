using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RpcGen.Hosting;

/// <summary>
/// Fills the named options of the clients or the services of one broker with the broker's defaults and with their section of
/// the configuration. It runs before all other configuration of these options, and validates the result.
/// </summary>
/// <remarks>
/// The broker's defaults are taken from unvalidated <see cref="RpcGenOptions"/>: validating those validates the options of
/// contracts in turn.
/// </remarks>
internal abstract class ContractOptionsSetup<TOptions, TContract>(BrokerRegistration registration, IServiceProvider services)
    : IConfigureNamedOptions<TOptions>, IValidateOptions<TOptions>
    where TOptions : class, new()
    where TContract : ContractRegistration
{
    public void Configure(TOptions options)
    {
        // Options without a name belong to no contract.
    }

    public void Configure(string? name, TOptions options)
    {
        if (Find(name) is { } contract)
        {
            ApplyDefaults(CreateBrokerOptions(), options);
            Read(contract, options, new SettingsProblems());
            ApplyUnnamed(options);
        }
    }

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        if (Find(name) is not { } contract)
        {
            return ValidateOptionsResult.Skip;
        }

        var problems = new SettingsProblems();
        var configured = new TOptions();
        if (Read(contract, configured, problems) is not { } path || problems.Check($"{path}:", () => Check(configured)))
        {
            problems.Check($"{contract.Method}: ", () => Check(options));
        }

        return problems.ToResult();
    }

    /// <summary>The contracts of this kind.</summary>
    protected abstract IReadOnlyList<TContract> Contracts { get; }

    /// <summary>Sets what the broker's options say for all contracts of this kind.</summary>
    protected abstract void ApplyDefaults(RpcGenOptions broker, TOptions options);

    /// <summary>Reads the contract's section.</summary>
    /// <returns>The section's path; null if there is no section.</returns>
    protected abstract string? Read(TContract contract, TOptions options, SettingsProblems problems);

    /// <exception cref="ArgumentException">An option is invalid.</exception>
    protected abstract void Check(TOptions options);

    /// <summary>
    /// Applies <c>services.Configure&lt;TOptions&gt;(…)</c> without a name: it means every contract, because options without a
    /// name belong to none.
    /// </summary>
    private void ApplyUnnamed(TOptions options)
    {
        foreach (ConfigureNamedOptions<TOptions> unnamed in services.GetServices<IConfigureOptions<TOptions>>()
            .OfType<ConfigureNamedOptions<TOptions>>()
            .Where(setup => setup.Name == Options.DefaultName))
        {
            unnamed.Action?.Invoke(options);
        }
    }

    private TContract? Find(string? name) => Contracts.FirstOrDefault(contract => registration.GetOptionsName(contract) == name);

    private RpcGenOptions CreateBrokerOptions() =>
        new OptionsFactory<RpcGenOptions>(services.GetServices<IConfigureOptions<RpcGenOptions>>(), services.GetServices<IPostConfigureOptions<RpcGenOptions>>())
            .Create(registration.OptionsName);
}

/// <summary>Fills and validates the options of clients.</summary>
internal sealed class ClientOptionsSetup(BrokerRegistration registration, BrokerConfiguration configuration, IServiceProvider services)
    : ContractOptionsSetup<RpcClientOptions, ClientRegistration>(registration, services)
{
    private readonly BrokerRegistration _registration = registration;

    protected override IReadOnlyList<ClientRegistration> Contracts => _registration.Clients;

    protected override void ApplyDefaults(RpcGenOptions broker, RpcClientOptions options) => broker.ApplyTo(options);

    protected override string? Read(ClientRegistration contract, RpcClientOptions options, SettingsProblems problems) => configuration.Read(contract, options, problems);

    protected override void Check(RpcClientOptions options) => options.Validate();
}

/// <summary>Fills and validates the options of services.</summary>
internal sealed class ServiceOptionsSetup(BrokerRegistration registration, BrokerConfiguration configuration, IServiceProvider services)
    : ContractOptionsSetup<RpcServerOptions, ServiceRegistration>(registration, services)
{
    private readonly BrokerRegistration _registration = registration;

    protected override IReadOnlyList<ServiceRegistration> Contracts => _registration.Services;

    protected override void ApplyDefaults(RpcGenOptions broker, RpcServerOptions options) => broker.ApplyTo(options);

    protected override string? Read(ServiceRegistration contract, RpcServerOptions options, SettingsProblems problems) => configuration.Read(contract, options, problems);

    protected override void Check(RpcServerOptions options) => options.Validate();
}
