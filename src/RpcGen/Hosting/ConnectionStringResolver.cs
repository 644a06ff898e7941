namespace RpcGen.Hosting;

/// <summary>Finds a broker's address: given directly, or as the name of a connection string in configuration.</summary>
internal sealed class ConnectionStringResolver(BrokerRegistration registration, BrokerConfiguration configuration)
{
    private const string Example = "amqp://user:password@localhost:5672/";

    /// <summary>Resolves and checks the address. Errors are added to <paramref name="problems"/>.</summary>
    public string Resolve(RpcGenOptions options, SettingsProblems problems)
    {
        string given = options.ConnectionString?.Trim() ?? "";
        string source = $"{configuration.Path}:{nameof(options.ConnectionString)} or {registration.Method}'s argument";
        if (given.Length == 0)
        {
            problems.Add($"{configuration.Path}:{nameof(options.ConnectionString)} is not set: give it an address such as {Example} or the name of a connection string, or give {registration.Method} one.");
            return given;
        }

        if (!given.Contains("://", StringComparison.Ordinal))
        {
            string name = given;
            if (configuration.FindConnectionString(name) is not { } found)
            {
                problems.Add(DescribeMissing(name, source));
                return given;
            }

            source = $"ConnectionStrings:{name}";
            given = found;
        }

        problems.Check($"{source}: ", () => TransportFactory.Check(given, options.ForConnection()));
        return given;
    }

    /// <summary>The address, which is read from configuration again for each connection if configuration gives it.</summary>
    public ConnectionSource CreateSource(RpcGenOptions options)
    {
        string given = options.ConnectionString?.Trim() ?? "";
        bool isFromSection = registration.ConnectionString is null && given == configuration.FindOwnConnectionString();
        bool isName = !given.Contains("://", StringComparison.Ordinal);
        string? place = isName ? $"ConnectionStrings:{given}" : isFromSection ? $"{configuration.Path}:{nameof(options.ConnectionString)}" : null;
        return new ConnectionSource(Read, place);

        string Read()
        {
            string current = isFromSection ? configuration.FindOwnConnectionString() ?? given : given;
            return current.Contains("://", StringComparison.Ordinal) ? current : configuration.FindConnectionString(current) ?? current;
        }
    }

    private string DescribeMissing(string name, string source)
    {
        if (!IsName(name))
        {
            return $"{source} is neither an address, which starts with amqp://, amqps:// or memory://, nor the name of a connection string.";
        }

        return configuration.Exists
            ? $"ConnectionStrings:{name} is not set: give it an address such as {Example} (as an environment variable: ConnectionStrings__{name}), or give {registration.Method} an address."
            : $"ConnectionStrings:{name} can't be looked up: the application has no configuration. Give {registration.Method} an address such as {Example}.";
    }

    /// <summary>Whether a text can be shown as a name. Any other text could be a malformed address that contains a password.</summary>
    private static bool IsName(string text) => text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.');
}
