using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>RabbitMQ's URI query parameters.</summary>
public sealed class AddressQueryTests
{
    private const string Everything =
        "amqps://host/v?cacertfile=/certs/ca.pem&certfile=/certs/my%20own.pem&keyfile=/certs/key.pem&password=se%26cret%3D&verify=verify_peer"
        + "&server_name_indication=broker.example&auth_mechanism=external&channel_max=100&heartbeat=7&connection_timeout=1500";

    [Fact]
    public void Every_parameter_is_read()
    {
        AddressParameters parameters = BrokerAddress.Parse(Everything).Parameters;

        Assert.Equal(
            ("/certs/ca.pem", "/certs/my own.pem", "/certs/key.pem", "se&cret=", true, "broker.example", true),
            (parameters.CaCertificateFile, parameters.CertificateFile, parameters.KeyFile, parameters.Password, parameters.VerifiesPeer, parameters.ServerName, parameters.UseExternalLogin));
        Assert.Equal(
            ((ushort?)100, TimeSpan.FromSeconds(7), TimeSpan.FromMilliseconds(1500)),
            (parameters.ChannelMax, parameters.Heartbeat, parameters.ConnectTimeout));
    }

    [Fact]
    public void Without_a_query_nothing_is_given()
    {
        AddressParameters parameters = BrokerAddress.Parse("amqps://host/v?").Parameters;

        Assert.All(typeof(AddressParameters).GetProperties(), property => Assert.Null(property.GetValue(parameters)));
    }

    [Theory]
    [InlineData("amqps://h?verify=verify_none", false)]
    [InlineData("amqps://h?verify=verify_peer&", true)]
    public void Verification(string address, bool expected) => Assert.Equal(expected, BrokerAddress.Parse(address).Parameters.VerifiesPeer);

    [Fact]
    public void Passwords_are_not_shown()
    {
        var address = BrokerAddress.Parse(Everything);

        Assert.Equal("amqps://host:5671/v", address.ToString());
        Assert.DoesNotContain("cret", $"{address}{address.Parameters}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://host/?hartbeat=1", "the parameter 'hartbeat' is unknown; did you mean 'heartbeat'?; the known parameters are cacertfile,")]
    [InlineData("amqps://host/?cacertflie=x", "the parameter 'cacertflie' is unknown; did you mean 'cacertfile'?")]
    [InlineData("amqps://host/?ca_cert_file=x", "did you mean 'cacertfile'?")]
    [InlineData("amqps://host/?sni=x", "the parameter 'sni' is unknown; the known parameters are")]
    [InlineData("amqps://host/?Verify=verify_none", "the parameter 'Verify' is unknown; did you mean 'verify'?")]
    [InlineData("amqp://host/?heartbeat=x", "heartbeat must be a number of seconds from 0 to 65535, not 'x'")]
    [InlineData("amqp://host/?heartbeat", "the parameter 'heartbeat' has no value")]
    [InlineData("amqp://host/?heartbeat=1&heartbeat=2", "the parameter 'heartbeat' is given twice")]
    [InlineData("amqp://host/?connection_timeout=0", "connection_timeout must be a number of milliseconds from 1")]
    [InlineData("amqp://host/?channel_max=70000", "channel_max must be a number from 0 to 65535, not '70000'")]
    [InlineData("amqps://host/?verify=no", "verify must be verify_peer or verify_none, not 'no'")]
    [InlineData("amqps://host/?auth_mechanism=plain", "auth_mechanism 'plain' is not supported; external is")]
    [InlineData("amqps://host/?server_name_indication=disable", "server_name_indication=disable is not supported")]
    [InlineData("amqp://host/?cacertfile=x", "the parameter 'cacertfile' is for TLS, but the address starts with amqp://; write amqps://")]
    [InlineData("amqps://host/?certfile=c&password=a&secret=b", "write an & that is part of the password as %26")]
    [InlineData("amqps://host/?certfile=c&password=a&secret", "write an & that is part of the password as %26")]
    [InlineData("amqps://host/?certfile=c&password=secret#x", "%23")]
    public void Refuses(string address, string because)
    {
        var exception = Assert.Throws<ArgumentException>(() => BrokerAddress.Parse(address));

        Assert.Contains(because, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }
}
