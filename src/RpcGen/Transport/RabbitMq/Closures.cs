using System.Net.Sockets;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>Reads the client library's reasons for the end of a connection or channel.</summary>
internal static class Closures
{
    /// <summary>What we did ourselves.</summary>
    public static TransportClosure Disposed { get; } = new("closed by this process");

    public static TransportClosure From(ShutdownEventArgs args) => args switch
    {
        { Initiator: ShutdownInitiator.Peer } => new TransportClosure($"{args.ReplyCode} {args.ReplyText}"),
        { Initiator: ShutdownInitiator.Application } => Disposed,
        { Exception: { } exception } when IsUndecodable(exception) =>
            new TransportClosure($"a message could not be decoded: {exception.Message}", exception) { IsUndecodableMessage = true },
        { Exception: EndOfStreamException { Message: var text } exception } when text.StartsWith("Heartbeat missing", StringComparison.Ordinal) =>
            new TransportClosure("the broker has fallen silent: three heartbeats are missing", exception),
        { Exception: EndOfStreamException exception } =>
            new TransportClosure("the connection was cut: the broker or something between closed it without a word", exception),
        { Exception: { } exception } => new TransportClosure($"the connection broke: {(exception.InnerException ?? exception).Message}", exception),
        _ => new TransportClosure($"{args.ReplyCode} {args.ReplyText}"),
    };

    /// <summary>Whether an exception of the client library says no more than that the way is closed.</summary>
    public static bool IsClosure(Exception exception) =>
        exception is OperationInterruptedException or ObjectDisposedException or ChannelClosedException or IOException or SocketException;

    /// <summary>
    /// Whether the decoder choked on a message, which will come again, rather than on a broken stream: its headers hold what
    /// .NET has no counterpart for, or its body is larger than we take. Brokers keep back headers that are malformed.
    /// </summary>
    private static bool IsUndecodable(Exception exception) => exception is SyntaxErrorException
        || (exception is MalformedFrameException && exception.Message.StartsWith("Frame body size", StringComparison.Ordinal));
}
