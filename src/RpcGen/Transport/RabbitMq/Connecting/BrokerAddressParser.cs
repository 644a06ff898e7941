using System.Globalization;

namespace RpcGen.Transport.RabbitMq.Connecting;

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
            throw Invalid("user name, password, virtual host or a parameter contains one of / ? # @; write it as %2F %3F %23 %40");
        }

        int queryStart = tail.IndexOf('?');
        (string userName, string password) = Credentials(authority[..Math.Max(authority.IndexOf('@'), 0)]);
        return new BrokerAddress
        {
            IsTls = isTls,
            UserName = userName,
            Password = password,
            HasUser = authority.Contains('@'),
            Hosts = Hosts(authority[(authority.IndexOf('@') + 1)..], isTls ? DefaultTlsPort : DefaultPort),
            VirtualHost = VirtualHost(queryStart < 0 ? tail : tail[..queryStart]),
            Parameters = AddressQuery.Parse(queryStart < 0 ? default : tail[(queryStart + 1)..], isTls),
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

    /// <summary>The connection string is invalid. The message must show no part that can be a password.</summary>
    public static ArgumentException Invalid(string what) => new(
        $"The connection string is invalid: {what}. Example of a valid one: amqp://user:password@localhost:5672/vhost?heartbeat=10.");
}
