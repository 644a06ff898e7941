using System.Net.Sockets;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class ShutdownReasonsTests
{
    [Fact]
    public void The_broker_closes_with_a_code_and_a_text() =>
        Assert.Equal(
            TransportClosure.ByBroker(320, "CONNECTION_FORCED - why"),
            new ShutdownEventArgs(ShutdownInitiator.Peer, 320, "CONNECTION_FORCED - why").ToClosure());

    [Fact]
    public void The_application_closes_by_disposal() =>
        Assert.Same(TransportClosure.ByOwner, new ShutdownEventArgs(ShutdownInitiator.Application, 200, "Goodbye").ToClosure());

    [Fact]
    public void The_library_closes_because_of_an_exception()
    {
        Assert.Equal("the broker is silent: three heartbeats are missing", Of(new EndOfStreamException("Heartbeat missing with heartbeat == 10 seconds")).Reason);
        Assert.Equal("the broker or the network closed the connection without a close frame", Of(new EndOfStreamException("Reached the end")).Reason);
        Assert.Equal("the connection failed: reset", Of(new IOException("wrapper", new SocketException(104, "reset"))).Reason);
        Assert.Equal("the connection failed: alone", Of(new IOException("alone")).Reason);
        Assert.Equal("541 odd", new ShutdownEventArgs(ShutdownInitiator.Library, 541, "odd").ToClosure().Reason);
    }

    [Fact]
    public void A_frame_that_nobody_expects_is_told_apart_from_what_can_be_a_restart()
    {
        Assert.True(TransportClosure.ByBroker(504, "CHANNEL_ERROR - expected 'channel.open'").IsProtocolError);
        Assert.True(Of(new KeyNotFoundException("The given key '1' was not present in the dictionary.")).IsProtocolError);
        Assert.False(TransportClosure.ByBroker(320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'").IsProtocolError);
        Assert.False(TransportClosure.ByBroker(541, "INTERNAL_ERROR").IsProtocolError);
        Assert.False(Of(new IOException("reset")).IsProtocolError);
        Assert.False(Of(new EndOfStreamException("Reached the end")).IsProtocolError);
    }

    [Fact]
    public void The_exception_is_kept()
    {
        var exception = new IOException("why");

        Assert.Same(exception, Of(exception).Exception);
        Assert.Same(exception, ShutdownReasons.Unanswered(exception).Exception);
        Assert.Same(exception, Of(new EndOfStreamException("x", exception)).Exception!.InnerException);
    }

    [Fact]
    public void Some_exceptions_mean_that_the_channel_is_closed()
    {
        Assert.True(ShutdownReasons.MeansClosed(new AlreadyClosedException(new ShutdownEventArgs(ShutdownInitiator.Library, 0, ""))));
        Assert.True(ShutdownReasons.MeansClosed(new ObjectDisposedException("x")));
        Assert.True(ShutdownReasons.MeansClosed(new ChannelClosedException()));
        Assert.True(ShutdownReasons.MeansClosed(new IOException()));
        Assert.True(ShutdownReasons.MeansClosed(new SocketException()));
        Assert.False(ShutdownReasons.MeansClosed(new InvalidOperationException()));
    }

    [Fact]
    public void A_method_is_refused_by_the_broker_only()
    {
        AmqpMethod publish = AmqpMethod.BasicPublish;

        Assert.True(publish.IsRefusedBy(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "", 60, 40)));
        Assert.False(publish.IsRefusedBy(new ShutdownEventArgs(ShutdownInitiator.Library, 404, "", 60, 40)));
        Assert.False(publish.IsRefusedBy(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "", 50, 40)));
        Assert.False(publish.IsRefusedBy(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "", 60, 10)));
        Assert.Equal(6, new[] { AmqpMethod.ExchangeDeclare, AmqpMethod.QueueDeclare, AmqpMethod.QueueBind, AmqpMethod.BasicConsume, AmqpMethod.BasicCancel, AmqpMethod.BasicPublish }.Distinct().Count());
    }

    private static TransportClosure Of(Exception exception) =>
        new ShutdownEventArgs(ShutdownInitiator.Library, 0, "text", exception).ToClosure();
}
