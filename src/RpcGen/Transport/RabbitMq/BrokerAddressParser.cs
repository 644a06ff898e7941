using System.Globalization;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// Reads a <see cref="BrokerAddress"/>. It rejects unescaped reserved characters that could make part of the password look
/// like a host or path, because hosts and paths appear in messages and logs.
/// </summary>
internal static class BrokerAddressParser
{
    private const int DefaultPort = 5672;
    private const int DefaultTlsPort = 5671;

    public static BrokerAddress Parse(string connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw Invalid("it is empty");
        }

        int schemeEnd = connectionString.IndexOf("://", StringComparison.Ordinal);
        bool isTls = (schemeEnd < 0 ? "" : connectionString[..schemeEnd].Trim().ToLowerInvariant()) switch
        {
            "amqp" => false,
            "amqps" => true,
            _ => throw Invalid("it does not start with amqp://, amqps:// or memory://"),
        };

        ReadOnlySpan<char> rest = connectionString.AsSpan(schemeEnd + 3).Trim();
        int authorityEnd = rest.IndexOfAny("/?#");
        ReadOnlySpan<char> authority = authorityEnd < 0 ? rest : rest[..authorityEnd];
        ReadOnlySpan<char> tail = authorityEnd < 0 ? default : rest[authorityEnd..];
        if (tail.IndexOfAny("@#") >= 0 || authority.Count('@') > 1)
        {
            throw Invalid("user name, password or virtual host contains one of / ? # @; write it as %2F %3F %23 %40");
        }

        int queryStart = tail.IndexOf('?');
        (string userName, string password) = Credentials(authority[..Math.Max(authority.IndexOf('@'), 0)]);
        (TimeSpan heartbeat, TimeSpan connectionTimeout) = Query(queryStart < 0 ? default : tail[(queryStart + 1)..]);
        return new BrokerAddress
        {
            IsTls = isTls,
            UserName = userName,
            Password = password,
            Hosts = Hosts(authority[(authority.IndexOf('@') + 1)..], isTls ? DefaultTlsPort : DefaultPort),
            VirtualHost = VirtualHost(queryStart < 0 ? tail : tail[..queryStart]),
            Heartbeat = heartbeat,
            ConnectionTimeout = connectionTimeout,
        };
    }

    private static (string UserName, string Password) Credentials(ReadOnlySpan<char> userInfo)
    {
        if (userInfo.IsEmpty)
        {
            return ("guest", "guest");
        }

        int colon = userInfo.IndexOf(':');
        return colon < 0
            ? (Uri.UnescapeDataString(userInfo), "guest")
            : (Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }

    private static List<BrokerHost> Hosts(ReadOnlySpan<char> authority, int defaultPort)
    {
        var hosts = new List<BrokerHost>();
        foreach (Range range in authority.Split(','))
        {
            hosts.Add(Host(authority[range].Trim(), defaultPort));
        }

        return hosts;
    }

    private static BrokerHost Host(ReadOnlySpan<char> text, int defaultPort)
    {
        // The brackets of an IPv6 address tell its own colons from the one before the port.
        int nameEnd = text.StartsWith('[') ? text.IndexOf(']') + 1 : text.IndexOf(':');
        ReadOnlySpan<char> name = nameEnd < 0 ? text : text[..nameEnd];
        ReadOnlySpan<char> port = nameEnd < 0 ? default : text[nameEnd..];
        if (name.Trim("[]").IsEmpty || name.IndexOfAny(" \t\\") >= 0)
        {
            throw Invalid("a host name is missing (write an IPv6 address in brackets: [::1]:5672)");
        }

        if (port.IsEmpty)
        {
            return new BrokerHost(name.Trim("[]").ToString(), defaultPort);
        }

        // The message must not show the text: if the '@' before the host is missing, it is the password.
        return port[0] == ':' && ushort.TryParse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0
            ? new BrokerHost(name.Trim("[]").ToString(), number)
            : throw Invalid("the port of a host is not a number from 1 to 65535 (write an IPv6 address in brackets: [::1]:5672)");
    }

    private static string VirtualHost(ReadOnlySpan<char> path)
    {
        ReadOnlySpan<char> name = path.IsEmpty ? path : path[1..];
        return name switch
        {
            "" or "/" => "/",
            _ when name.Contains('/') => throw Invalid("the virtual host contains '/'; write it as %2F"),
            _ => Uri.UnescapeDataString(name),
        };
    }

    private static (TimeSpan Heartbeat, TimeSpan ConnectionTimeout) Query(ReadOnlySpan<char> query)
    {
        var defaults = new BrokerAddress { IsTls = false, Hosts = [] };
        (TimeSpan heartbeat, TimeSpan connectionTimeout) = (defaults.Heartbeat, defaults.ConnectionTimeout);
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> parameter = query[range];
            int equals = parameter.IndexOf('=');
            ReadOnlySpan<char> name = equals < 0 ? parameter : parameter[..equals];
            ReadOnlySpan<char> value = equals < 0 ? default : parameter[(equals + 1)..];
            switch (name)
            {
                case "":
                    break;
                case "heartbeat":
                    heartbeat = TimeSpan.FromSeconds(Number(name, value, 0, ushort.MaxValue, "seconds"));
                    break;
                case "connection_timeout":
                    connectionTimeout = TimeSpan.FromMilliseconds(Number(name, value, 1, int.MaxValue, "milliseconds"));
                    break;
                default:
                    throw Invalid($"the parameter '{name}' is unknown; the known parameters are heartbeat (seconds) and connection_timeout (milliseconds)");
            }
        }

        return (heartbeat, connectionTimeout);
    }

    private static int Number(ReadOnlySpan<char> name, ReadOnlySpan<char> value, int minimum, int maximum, string unit) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= minimum && number <= maximum
            ? number
            : throw Invalid($"{name} must be a number of {unit} from {minimum} to {maximum}, not '{value}'");

    private static ArgumentException Invalid(string what) => new(
        $"The connection string is invalid: {what}. Example of a valid one: amqp://user:password@localhost:5672/vhost?heartbeat=10.");
}
