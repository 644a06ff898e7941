using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>Explains why no connection could be opened, and what to check for each host.</summary>
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

    /// <summary>Removes the client library's wrappers around the cause.</summary>
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
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused; check that RabbitMQ is running there and that this is its port",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "no such host; check the name",
        SocketException socket => $"{socket.Message} ({socket.SocketErrorCode})",
        TimeoutException or OperationCanceledException =>
            $"no connection within {address.ConnectionTimeout.TotalSeconds:0.###} s; check that the host is reachable, that this is {(address.IsTls ? "its port for TLS" : "RabbitMQ's port")} "
            + "and that the broker does not hang (connection_timeout in the connection string allows more time)",
        AuthenticationFailureException => RefusedUser(host, address),
        AuthenticationException tls => $"TLS failed ({tls.Message.TrimEnd('.')}); this machine must trust the certificate, and the certificate must name the host",
        OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer } reason } => ClosedByBroker(reason.ReplyText, address),
        _ when address.IsTls => $"{Text(cause)}; check that this port uses TLS",
        _ => $"{Text(cause)}; check that this is a RabbitMQ broker's port and that it does not use TLS",
    };

    private static string RefusedUser(BrokerHost host, BrokerAddress address)
    {
        string advice = address.UserName == "guest" && !IsLoopback(host)
            ? "RabbitMQ accepts 'guest' from its own machine only: create another user"
            : "check user name and password";
        return $"the broker refused user '{address.UserName}'; {advice}";
    }

    /// <remarks>RabbitMQ uses one reply code, 530 NOT_ALLOWED, for both cases: only the texts tell them apart.</remarks>
    private static string ClosedByBroker(string replyText, BrokerAddress address) => replyText switch
    {
        _ when replyText.Contains("vhost", StringComparison.Ordinal) && replyText.Contains("not found", StringComparison.Ordinal) =>
            $"the virtual host '{address.VirtualHost}' does not exist; check the end of the connection string or create it (rabbitmqctl add_vhost)",
        _ when replyText.Contains("access to vhost", StringComparison.Ordinal) =>
            $"user '{address.UserName}' has no access to the virtual host '{address.VirtualHost}'; grant it (rabbitmqctl set_permissions)",
        _ => $"the broker closed the connection: {replyText}",
    };

    private static string Text(Exception cause) => (cause.InnerException ?? cause).Message.TrimEnd('.');

    private static bool IsLoopback(BrokerHost host) =>
        host.Name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Name, out IPAddress? address) && IPAddress.IsLoopback(address));
}
