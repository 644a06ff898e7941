using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>Explains why no connection could be opened, and what to check for each host.</summary>
internal static class ConnectFailures
{
    public static RpcConnectionException ToException(RabbitMqSettings settings, IReadOnlyList<ConnectFailure> failures)
    {
        var message = new StringBuilder($"No connection to {settings.Address}.");
        foreach (ConnectFailure failure in failures)
        {
            message.Append($" {failure.Name}: {Describe(failure, settings)}.");
        }

        return new RpcConnectionException(
            message.ToString(),
            failures is [{ Exception: var only }] ? only : new AggregateException(failures.Select(failure => failure.Exception)));
    }

    /// <summary>Removes wrappers around the cause.</summary>
    public static Exception Cause(Exception exception) => exception switch
    {
        BrokerUnreachableException { InnerException: { } inner } => Cause(inner),
        AggregateException { InnerExceptions: [.., Exception last] } => Cause(last),
        ConnectFailureException { InnerException: { } inner } => Cause(inner),
        PossibleAuthenticationFailureException { InnerException: { } inner } => Cause(inner),
        _ => exception,
    };

    private static string Describe(ConnectFailure failure, RabbitMqSettings settings) => Cause(failure.Exception) switch
    {
        CertificateException certificate => certificate.Message,
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused; check that RabbitMQ is running there and that this is its port",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "no such host; check the name",
        SocketException socket => $"{socket.Message} ({socket.SocketErrorCode})",
        TimeoutException or OperationCanceledException => TooLate(settings),
        AuthenticationFailureException => BrokerRefusals.DescribeLogin(failure.Host, settings, failure.Peer?.Tls?.ClientSubject),
        OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer } reason } => BrokerRefusals.DescribeClose(reason.ReplyText, settings.Address),
        var cause when BrokerRefusals.IsMissingMechanism(cause) => BrokerRefusals.DescribeMissingMechanism(settings),
        var cause when failure.Peer is { HasFrames: false, Tls: { } tls } peer => TlsFailures.Describe(cause, peer, tls),
        var cause when failure.Peer is { HasFrames: false } peer => DescribePeer(cause, peer),
        AuthenticationException tls => $"TLS failed ({tls.Message.TrimEnd('.')})",
        var cause when settings.Address.IsTls => $"{Text(cause)}; check that this port uses TLS",
        var cause => $"{Text(cause)}; check that this is a RabbitMQ broker's port and that it does not use TLS",
    };

    public static string Text(Exception cause) => (cause.InnerException ?? cause).Message.TrimEnd('.');

    /// <summary>The other side of a connection without TLS did not speak AMQP.</summary>
    private static string DescribePeer(Exception cause, PeerObservation peer) => peer switch
    {
        { Kind: PeerKind.Tls } => "this port uses TLS; write amqps://, or the broker's port without TLS (usually 5672)",
        { Kind: PeerKind.Http } => "an HTTP server answers; check that this is a RabbitMQ broker's port for AMQP (usually 5672), and not that of its management UI",
        { Kind: PeerKind.ProtocolHeader } => "the broker does not speak AMQP 0-9-1 on this port; check that it is RabbitMQ's port for AMQP",
        { Kind: PeerKind.Silent, IsEnded: true } => $"{ClosedAtOnce}; if this is a port for TLS, write amqps://",
        _ => $"{Text(cause)}; check that this is a RabbitMQ broker's port and that it does not use TLS",
    };

    /// <summary>The connection was accepted and closed without an octet.</summary>
    public const string ClosedAtOnce =
        "the connection was accepted and closed at once, before the broker sent anything; a load balancer does this if none of its brokers is reachable, "
        + "and a broker that is starting or stopping: check the brokers behind this address";

    private static string TooLate(RabbitMqSettings settings) =>
        $"no connection within {settings.ConnectTimeout.TotalSeconds:0.###} s; check that the host is reachable, that this is {(settings.Address.IsTls ? "its port for TLS" : "RabbitMQ's port")} "
        + "and that the broker does not hang (ConnectTimeout, or connection_timeout in the connection string, allows more time)";
}
