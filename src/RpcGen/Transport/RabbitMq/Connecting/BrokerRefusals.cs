using System.Net;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>Explains a broker's refusal of a login, and its close of a connection that is being opened.</summary>
/// <remarks>RabbitMQ uses one reply code, 530 NOT_ALLOWED, for most cases. Only the texts distinguish them.</remarks>
internal static class BrokerRefusals
{
    public static string DescribeLogin(BrokerHost host, RabbitMqSettings settings, string? clientSubject)
    {
        if (settings.UsesExternalLogin)
        {
            return $"the broker has no user for this client's certificate, {clientSubject ?? "which Tls.OnAuthenticate provides"}; create the user that the broker's ssl_cert_login_from says, "
                + "by default the certificate's distinguished name (rabbitmqctl add_user), and give it permissions";
        }

        string user = settings.Address.UserName;
        if (user.Length == 0)
        {
            return "the broker refused the token; check that rabbitmq_auth_backend_oauth2 is among its auth_backends, that the token is valid now and signed with a key that the broker knows, "
                + "and that the token's audience (aud) is the broker's resource_server_id";
        }

        string advice = user == "guest" && !IsLoopback(host)
            ? "RabbitMQ accepts 'guest' from its own machine only: create another user"
            : "check user name and password";
        return $"the broker refused user '{user}'; {advice}";
    }

    public static string DescribeClose(string replyText, BrokerAddress address) => replyText switch
    {
        _ when Has(replyText, "vhost", "not found") =>
            $"the virtual host '{address.VirtualHost}' does not exist; check the end of the connection string or create it (rabbitmqctl add_vhost)",
        _ when Has(replyText, "connection limit", "reached") => ConnectionLimit(replyText, address),
        _ when Has(replyText, "number of channels", "maximum allowed") =>
            $"user '{address.UserName}' has reached its maximum number of channels; raise its limit (rabbitmqctl set_user_limits {address.UserName} '{{\"max-channels\": …}}') ({replyText})",
        _ when Has(replyText, "vhost", "is down") =>
            $"the virtual host '{address.VirtualHost}' is down on this node; look into the broker's log and restart it (rabbitmqctl restart_vhost)",
        _ when Has(replyText, "access to vhost") =>
            $"user '{address.UserName}' has no access to the virtual host '{address.VirtualHost}'; grant it (rabbitmqctl set_permissions)",
        _ => $"the broker closed the connection: {replyText}",
    };

    /// <summary>Whether the client library found no way to log in among those that the broker offers.</summary>
    public static bool IsMissingMechanism(Exception cause) => cause.Message.StartsWith("No compatible authentication mechanism found", StringComparison.Ordinal);

    public static string DescribeMissingMechanism(RabbitMqSettings settings) => settings.UsesExternalLogin
        ? "the broker does not offer logins by certificate (EXTERNAL); enable its plugin rabbitmq_auth_mechanism_ssl, add EXTERNAL to its auth_mechanisms, and set ssl_options.verify to verify_peer"
        : "the broker does not offer logins by user and password (PLAIN); add PLAIN to its auth_mechanisms, or log in by certificate (Tls.UseExternalLogin, auth_mechanism=external)";

    private static string ConnectionLimit(string replyText, BrokerAddress address) => replyText switch
    {
        _ when Has(replyText, "access to vhost") =>
            $"the virtual host '{address.VirtualHost}' has reached its maximum number of connections; close some or raise its limit (rabbitmqctl set_vhost_limits -p {address.VirtualHost} '{{\"max-connections\": …}}') ({replyText})",
        _ when Has(replyText, "user connection limit") =>
            $"user '{address.UserName}' has reached its maximum number of connections; close some or raise its limit (rabbitmqctl set_user_limits {address.UserName} '{{\"max-connections\": …}}') ({replyText})",
        _ => $"the node has reached its maximum number of connections; close some or raise its limit (connection_max) ({replyText})",
    };

    private static bool Has(string text, params ReadOnlySpan<string> parts)
    {
        foreach (string part in parts)
        {
            if (!text.Contains(part, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLoopback(BrokerHost host) =>
        host.Name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Name, out IPAddress? address) && IPAddress.IsLoopback(address));
}
