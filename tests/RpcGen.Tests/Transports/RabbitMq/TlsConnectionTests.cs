using System.Security.Cryptography.X509Certificates;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>TLS below the client library: whom it trusts, and what it says.</summary>
public sealed class TlsConnectionTests : FakeBrokerTest
{
    [Fact]
    public async Task TLS_checks_the_name_of_the_host()
    {
        using X509Certificate2 other = CreateCertificate("elsewhere");
        FakeBroker broker = StartBroker(other);

        var exception = await Assert.ThrowsAsync<RpcConnectionException>(
            () => ConnectAsync(broker, options => options.CertificateChainPolicy = Trust(other), tls: true));

        Assert.Contains("TLS failed", exception.Message, StringComparison.Ordinal);
        Assert.Contains("NameMismatch", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_trusts_no_stranger()
    {
        FakeBroker broker = StartBroker(Certificate);

        var exception = await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectAsync(broker, configureTls: null, tls: true));

        Assert.Contains("TLS failed", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_with_a_plain_port_and_the_other_way_round_are_told_at_once()
    {
        FakeBroker plain = StartBroker();
        FakeBroker encrypted = StartBroker(Certificate);

        string tlsToPlain = await FailAsync(plain, tls: true);
        string plainToTls = await FailAsync(encrypted, tls: false);

        Assert.Contains("TLS", tlsToPlain, StringComparison.Ordinal);
        Assert.Contains("TLS", plainToTls, StringComparison.Ordinal);
        Assert.DoesNotContain("no connection within", tlsToPlain + plainToTls, StringComparison.Ordinal);
    }

    private static async Task<string> FailAsync(FakeBroker broker, bool tls) =>
        (await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectAsync(broker, configureTls: null, tls))).Message;
}
