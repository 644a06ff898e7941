using System.Globalization;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>
/// Reads the query of a connection string, by RabbitMQ's URI query parameters. An unknown parameter is refused: a misspelt
/// <c>cacertfile</c> must not mean that the system's authorities are trusted.
/// </summary>
internal static class AddressQuery
{
    private const string Password = "password";

    private static readonly string[] TlsNames = ["cacertfile", "certfile", "keyfile", Password, "verify", "server_name_indication", "auth_mechanism"];

    private static readonly string[] Names = [.. TlsNames, "heartbeat", "connection_timeout", "channel_max"];

    /// <exception cref="ArgumentException">A parameter is unknown, given twice, or has an invalid value.</exception>
    public static AddressParameters Parse(ReadOnlySpan<char> query, bool isTls)
    {
        var parameters = new AddressParameters();
        var given = new HashSet<string>(StringComparer.Ordinal);
        foreach (Range range in query.Split('&'))
        {
            string parameter = query[range].ToString();
            if (parameter.Length == 0)
            {
                continue;
            }

            int equals = parameter.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? parameter : parameter[..equals];
            if (!Names.Contains(name))
            {
                throw Unknown(name, isAfterPassword: given.Contains(Password));
            }

            if (!given.Add(name))
            {
                throw BrokerAddressParser.Invalid($"the parameter '{name}' is given twice");
            }

            if (!isTls && TlsNames.Contains(name))
            {
                throw BrokerAddressParser.Invalid($"the parameter '{name}' is for TLS, but the address starts with amqp://; write amqps:// for a connection with TLS");
            }

            Set(parameters, name, equals < 0 ? "" : Uri.UnescapeDataString(parameter[(equals + 1)..]));
        }

        return parameters;
    }

    private static void Set(AddressParameters parameters, string name, string value)
    {
        if (value.Length == 0)
        {
            throw BrokerAddressParser.Invalid($"the parameter '{name}' has no value");
        }

        switch (name)
        {
            case "cacertfile":
                parameters.CaCertificateFile = value;
                break;
            case "certfile":
                parameters.CertificateFile = value;
                break;
            case "keyfile":
                parameters.KeyFile = value;
                break;
            case Password:
                parameters.Password = value;
                break;
            case "verify":
                parameters.VerifiesPeer = Verify(value);
                break;
            case "server_name_indication":
                parameters.ServerName = value == "disable"
                    ? throw BrokerAddressParser.Invalid("server_name_indication=disable is not supported; give the name that the broker's certificate has")
                    : value;
                break;
            case "auth_mechanism":
                parameters.UseExternalLogin = value == "external"
                    ? true
                    : throw BrokerAddressParser.Invalid($"auth_mechanism '{value}' is not supported; external is (the client certificate is the login), and without the parameter user and password are sent (PLAIN)");
                break;
            case "heartbeat":
                parameters.Heartbeat = TimeSpan.FromSeconds(Number(name, value, 0, ushort.MaxValue, "a number of seconds"));
                break;
            case "connection_timeout":
                parameters.ConnectTimeout = TimeSpan.FromMilliseconds(Number(name, value, 1, int.MaxValue, "a number of milliseconds"));
                break;
            case "channel_max":
                parameters.ChannelMax = (ushort)Number(name, value, 0, ushort.MaxValue, "a number");
                break;
        }
    }

    private static bool Verify(string value) => value switch
    {
        "verify_peer" => true,
        "verify_none" => false,
        _ => throw BrokerAddressParser.Invalid($"verify must be verify_peer or verify_none, not '{value}'"),
    };

    private static int Number(string name, string value, int minimum, int maximum, string what) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum
            ? number
            : throw BrokerAddressParser.Invalid($"{name} must be {what} from {minimum} to {maximum}, not '{value}'");

    /// <remarks>What follows a password can belong to it, if the password has an unescaped '&amp;': it is not shown.</remarks>
    private static ArgumentException Unknown(string name, bool isAfterPassword)
    {
        string known = $"the known parameters are {string.Join(", ", Names)}";
        return isAfterPassword
            ? BrokerAddressParser.Invalid($"a parameter after password is unknown; write an & that is part of the password as %26; {known}")
            : BrokerAddressParser.Invalid($"the parameter '{name}' is unknown{Suggestion(name)}; {known}");
    }

    private static string Suggestion(string name)
    {
        string nearest = Names.MinBy(known => Distance(name, known))!;
        return Distance(name, nearest) <= nearest.Length / 2 ? $"; did you mean '{nearest}'?" : "";
    }

    /// <summary>How many characters have to be inserted, deleted or replaced to make one name of another (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int[] current = new int[to.Length + 1];
            current[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[to.Length];
    }
}
