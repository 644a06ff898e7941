using System.Net.Sockets;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>Translates the client library's reasons for the end of a connection or channel.</summary>
internal static class ShutdownReasons
{
    // The library has no type of its own for this failure: only the text tells it apart.
    private const string MissingHeartbeats = "Heartbeat missing";

    public static TransportClosure ToClosure(this ShutdownEventArgs args) => args switch
    {
        { Initiator: ShutdownInitiator.Peer } => TransportClosure.ByBroker(args.ReplyCode, args.ReplyText) with { IsPublishRefused = AmqpMethod.BasicPublish.IsRefusedBy(args) },
        { Initiator: ShutdownInitiator.Application } => TransportClosure.ByOwner,
        { Exception: EndOfStreamException exception } when exception.Message.StartsWith(MissingHeartbeats, StringComparison.Ordinal) =>
            new TransportClosure("the broker is silent: three heartbeats are missing", exception) { IsSilent = true },
        { Exception: EndOfStreamException exception } =>
            new TransportClosure("the broker or the network closed the connection without a close frame", exception),
        { Exception: { } exception } => new TransportClosure($"the connection failed: {(exception.InnerException ?? exception).Message}", exception)
        {
            IsProtocolError = (exception.InnerException ?? exception) is KeyNotFoundException, // a frame for a channel that the library has closed
        },
        _ => new TransportClosure($"{args.ReplyCode} {args.ReplyText}"),
    };

    /// <summary>The broker did not answer a request.</summary>
    public static TransportClosure Unanswered(Exception exception) => new("the broker did not answer in time; it may hang", exception);

    /// <summary>Whether an exception of the client library means only that the channel or connection is closed.</summary>
    public static bool MeansClosed(Exception exception) =>
        exception is OperationInterruptedException or ObjectDisposedException or ChannelClosedException or IOException or SocketException;
}
