using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class ConnectFailuresTests
{
    private static readonly RabbitMqSettings Settings = Parse("amqp://me:secret@rabbit/v?connection_timeout=1500");

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "connection refused; check that RabbitMQ is running there and that this is its port")]
    [InlineData(SocketError.HostNotFound, "no such host; check the name")]
    [InlineData(SocketError.NoData, "no such host; check the name")]
    [InlineData(SocketError.TryAgain, "no such host; check the name")]
    [InlineData(SocketError.NetworkUnreachable, "(NetworkUnreachable)")]
    public void Errors_of_sockets(SocketError error, string expected) => AssertExplained(expected, new SocketException((int)error));

    [Fact]
    public void Time_outs()
    {
        AssertExplained("no connection within 1.5 s; check that the host is reachable, that this is RabbitMQ's port and that the broker does not hang", new TimeoutException());
        AssertExplained("no connection within 1.5 s", new OperationCanceledException());
        AssertExplained("that this is its port for TLS", new TimeoutException(), "amqps://rabbit");
    }

    [Fact]
    public void Refused_users()
    {
        var refused = new AuthenticationFailureException("ACCESS_REFUSED");

        AssertExplained("the broker refused user 'me'; check user name and password", refused);
        AssertExplained("the broker refused user 'guest'; RabbitMQ accepts 'guest' from its own machine only: create another user", refused, "amqp://rabbit");
        AssertExplained("the broker refused user 'guest'; check user name and password", refused, "amqp://LOCALHOST");
        AssertExplained("the broker refused user 'guest'; check user name and password", refused, "amqp://127.0.0.1");
        AssertExplained("the broker refused user 'guest'; check user name and password", refused, "amqp://[::1]");
        AssertExplained("create another user", refused, "amqp://10.0.0.1");
    }

    [Fact]
    public void Closes_by_the_broker()
    {
        AssertExplained("the virtual host 'v' does not exist", Closed("NOT_ALLOWED - vhost v not found"));
        AssertExplained("user 'me' has no access to the virtual host 'v'", Closed("NOT_ALLOWED - access to vhost 'v' refused for user 'me'"));
        AssertExplained("the broker closed the connection: RESOURCE_ERROR - full", Closed("RESOURCE_ERROR - full"));
        AssertExplained("the broker closed the connection: queue not found", Closed("queue not found"));
        AssertExplained("the virtual host 'v' is down on this node", Closed("access to vhost 'v' refused for user 'me': vhost 'v' is down"));
        AssertExplained("check that this is a RabbitMQ broker's port", new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Library, 0, "odd")));
    }

    [Fact]
    public void Failures_of_TLS_and_other_protocols()
    {
        AssertExplained("TLS failed (a bad certificate)", new AuthenticationException("a bad certificate."));
        AssertExplained("broken; check that this port uses TLS", new IOException("broken."), "amqps://rabbit");
        AssertExplained("the cause; check that this is a RabbitMQ broker's port and that it does not use TLS", new IOException("wrapper", new IOException("the cause.")));
    }

    [Fact]
    public void Wrappers_of_the_library_are_removed()
    {
        var cause = new SocketException((int)SocketError.ConnectionRefused);

        AssertExplained("connection refused", new BrokerUnreachableException(new AggregateException(new IOException("first"), new ConnectFailureException("x", cause))));
        AssertExplained("connection refused", new PossibleAuthenticationFailureException("x", cause));
    }

    [Fact]
    public void Each_host_is_named_with_its_failure_and_no_password()
    {
        Exception one = new TimeoutException(), two = new SocketException((int)SocketError.HostNotFound);
        RpcConnectionException exception = ConnectFailures.ToException(Settings, [new(new BrokerHost("a", 1), one), new(new BrokerHost("::1", 2), two)]);

        Assert.StartsWith("No connection to amqp://rabbit:5672/v. a:1: no connection within 1.5 s", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(" [::1]:2: no such host; check the name.", exception.Message, StringComparison.Ordinal);
        Assert.Equal([one, two], Assert.IsType<AggregateException>(exception.InnerException).InnerExceptions);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
        Assert.Same(one, ConnectFailures.ToException(Settings, [new(new BrokerHost("a", 1), one)]).InnerException);
    }

    private static OperationInterruptedException Closed(string text) => new(new ShutdownEventArgs(ShutdownInitiator.Peer, 530, text));

    private static void AssertExplained(string expected, Exception failure, string? address = null, PeerObservation? peer = null)
    {
        RabbitMqSettings settings = address is null ? Settings : Parse(address);
        Assert.Contains(expected, ConnectFailures.ToException(settings, [new(settings.Address.Hosts[0], failure, peer)]).Message, StringComparison.Ordinal);
    }

    private static RabbitMqSettings Parse(string address) => TransportFactory.CreateSettings(address, new RpcConnectionOptions());
}
