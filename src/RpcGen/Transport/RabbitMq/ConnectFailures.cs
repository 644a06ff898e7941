using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>Says why no host let us in, and what to do about each.</summary>
internal static class ConnectFailures
{
    public static RpcConnectionException ToException(BrokerAddress address, IReadOnlyList<(BrokerHost Host, Exception Exception)> failures)
    {
        var message = new StringBuilder($"No connection to {address}.");
        foreach ((BrokerHost host, Exception exception) in failures)
        {
            message.Append($" {host}: {Describe(Cause(exception), host, address)}.");
        }

        return new RpcConnectionException(
            message.ToString(),
            failures is [(_, Exception only)] ? only : new AggregateException(failures.Select(failure => failure.Exception)));
    }

    /// <summary>Strips what the client library wraps around causes.</summary>
    private static Exception Cause(Exception exception) => exception switch
    {
        BrokerUnreachableException { InnerException: { } inner } => Cause(inner),
        AggregateException { InnerExceptions: [.., Exception last] } => Cause(last),
        ConnectFailureException { InnerException: { } inner } => Cause(inner),
        PossibleAuthenticationFailureException { InnerException: { } inner } => Cause(inner),
        _ => exception,
    };

    private static string Describe(Exception cause, BrokerHost host, BrokerAddress address) => cause switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused; is RabbitMQ running there, and is this its port",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "no such host; check the name",
        SocketException socket => $"{socket.Message} ({socket.SocketErrorCode})",
        TimeoutException or OperationCanceledException =>
            $"no connection within {address.ConnectionTimeout.TotalSeconds:0.###} s; is the host reachable, is the port {(address.IsTls ? "one for TLS" : "RabbitMQ's")}, "
            + "does the broker hang (connection_timeout in the connection string allows more time)",
        AuthenticationFailureException => Refused(host, address),
        AuthenticationException tls => $"TLS failed ({tls.Message.TrimEnd('.')}); the certificate must be trusted by this machine and name the host",
        OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer } reason } => Closed(reason.ReplyText, address),
        _ when address.IsTls => $"{Text(cause)}; does this port speak TLS",
        _ => $"{Text(cause)}; is this a RabbitMQ broker's port, and one without TLS",
    };

    private static string Refused(BrokerHost host, BrokerAddress address)
    {
        string advice = address.UserName == "guest" && !IsLoopback(host)
            ? "RabbitMQ lets 'guest' in from its own machine only: make a user of your own"
            : "check user name and password";
        return $"the broker refused user '{address.UserName}'; {advice}";
    }

    private static string Closed(string replyText, BrokerAddress address) => replyText switch
    {
        _ when replyText.Contains("vhost", StringComparison.Ordinal) && replyText.Contains("not found", StringComparison.Ordinal) =>
            $"there is no virtual host '{address.VirtualHost}'; check the end of the connection string, or add it (rabbitmqctl add_vhost)",
        _ when replyText.Contains("access to vhost", StringComparison.Ordinal) =>
            $"user '{address.UserName}' may not use the virtual host '{address.VirtualHost}'; grant it (rabbitmqctl set_permissions)",
        _ => $"the broker closed the connection: {replyText}",
    };

    private static string Text(Exception cause) => (cause.InnerException ?? cause).Message.TrimEnd('.');

    private static bool IsLoopback(BrokerHost host) =>
        host.Name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Name, out IPAddress? address) && IPAddress.IsLoopback(address));
}
