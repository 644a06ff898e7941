using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("amqp://localhost", "amqp://localhost:5672/", "/", "guest", "guest")]
    [InlineData("amqp://localhost/", "amqp://localhost:5672/", "/", "guest", "guest")]
    [InlineData("AMQP://localhost:5673//", "amqp://localhost:5673/", "/", "guest", "guest")]
    [InlineData("amqp://localhost/%2f", "amqp://localhost:5672/", "/", "guest", "guest")]
    [InlineData("amqps://host", "amqps://host:5671/", "/", "guest", "guest")]
    [InlineData("amqp://a, b:5673 ,[::1]:7/v", "amqp://a:5672,b:5673,[::1]:7/v", "v", "guest", "guest")]
    [InlineData("amqp://user@host", "amqp://host:5672/", "/", "user", "guest")]
    [InlineData("amqp://us%65r:p%40s%2Fs+%25@host/my%20v%2fhost", "amqp://host:5672/my%20v%2Fhost", "my v/host", "user", "p@s/s+%")]
    [InlineData("amqp://u:p:q@[::1]/", "amqp://[::1]:5672/", "/", "u", "p:q")]
    [InlineData("  amqp://:@host  ", "amqp://host:5672/", "/", "", "")]
    public void Reads(string text, string shown, string virtualHost, string user, string password)
    {
        var address = BrokerAddress.Parse(text);

        Assert.Equal((shown, virtualHost, user, password), (address.ToString(), address.VirtualHost, address.UserName, address.Password));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("localhost", "amqp://, amqps:// or memory://")]
    [InlineData("http://u:secret@localhost", "amqp://, amqps:// or memory://")]
    [InlineData("amqp://", "a host name is missing")]
    [InlineData("amqp://u:secret@/v", "a host name is missing")]
    [InlineData("amqp://a,,b", "a host name is missing")]
    [InlineData("amqp://host:0", "from 1 to 65535")]
    [InlineData("amqp://host:65536", "from 1 to 65535")]
    [InlineData("amqp://user:secret", "from 1 to 65535")]
    [InlineData("amqp://::1", "[::1]:5672")]
    [InlineData("amqp://user:se/cret@host", "%2F")]
    [InlineData("amqp://user:12/secret@host", "%2F")]
    [InlineData("amqp://user:secret?@host", "%3F")]
    [InlineData("amqp://user:secret#@host", "%23")]
    [InlineData("amqp://user:sec@ret@host", "%40")]
    [InlineData("amqp://h1,u:secret@h1,u:secret@h2", "%40")]
    [InlineData("amqp://host/a/b", "%2F")]
    [InlineData("memory://", "memory://tests")]
    [InlineData("memory://a/b", "memory://tests")]
    public void Refuses(string text, string because)
    {
        var exception = Assert.Throws<ArgumentException>(() => TransportFactory.Create(text, new RpcConnectionOptions()));

        Assert.Contains(because, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("cret@", exception.Message, StringComparison.Ordinal);
    }
}
