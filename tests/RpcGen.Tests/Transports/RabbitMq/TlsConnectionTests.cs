using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>TLS below the client library: who is trusted, and what failures say.</summary>
public sealed class TlsConnectionTests : FakeBrokerTest
{
    private readonly TestAuthority _authority = new();

    [Fact]
    public async Task A_certificate_of_the_given_authority_is_trusted()
    {
        FakeBroker broker = StartBroker(_authority.Issue("localhost"));

        await using var connection = await ConnectAsync(broker, Trusting());

        Assert.Equal("localhost", connection.Host!.Value.Name);
    }

    [Fact]
    public async Task Nobody_but_the_given_authority_is_trusted()
    {
        using var stranger = new TestAuthority("Stranger");
        FakeBroker broker = StartBroker(stranger.Issue("localhost"));

        string message = await FailAsync(broker, Trusting());

        Assert.Contains($"TLS failed: the authority of the broker's certificate, CN=Stranger, is not in '{_authority.File}'; check Tls.CaCertificateFile (cacertfile)", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_authority_the_systems_are_trusted()
    {
        string message = await FailAsync(StartBroker(Certificate), new RpcConnectionOptions());

        Assert.Contains("TLS failed: this machine does not trust the authority of the broker's certificate, CN=localhost; give its certificate with Tls.CaCertificateFile (cacertfile)", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_certificate_is_named()
    {
        string message = await FailAsync(StartBroker(_authority.Issue("localhost", age: TimeSpan.FromDays(40))), Trusting());

        Assert.Contains("TLS failed: the broker's certificate is not valid now: CN=localhost is valid from ", message, StringComparison.Ordinal);
        Assert.Contains("renew it, and check this machine's clock", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_named()
    {
        FakeBroker broker = StartBroker(_authority.Issue("elsewhere"));

        string message = await FailAsync(broker, Trusting());

        Assert.Contains("TLS failed: the broker's certificate names elsewhere, not 'localhost'; connect to a name that it has, or set Tls.ServerName (server_name_indication) to one", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_expected_name_can_be_given_and_is_sent()
    {
        string? asked = null;
        using X509Certificate2 certificate = _authority.Issue("elsewhere");
        FakeBroker broker = StartBroker(new SslServerAuthenticationOptions
        {
            ServerCertificateSelectionCallback = (_, name) =>
            {
                asked = name;
                return certificate;
            },
        });
        RpcConnectionOptions options = Trusting();
        options.Tls.ServerName = "elsewhere";

        await using var connection = await ConnectAsync(broker, options);

        Assert.Equal("elsewhere", asked);
    }

    [Fact]
    public async Task Verify_none_checks_nothing()
    {
        FakeBroker broker = StartBroker(_authority.Issue("elsewhere", age: TimeSpan.FromDays(40)));

        await using var connection = await TransportFactory.Create($"amqps://localhost:{broker.Port}/?verify=verify_none", new RpcConnectionOptions()).ConnectAsync("test", Cancel);

        Assert.NotNull(connection.Host);
    }

    [Fact]
    public async Task No_version_in_common_is_named()
    {
        using X509Certificate2 certificate = _authority.Issue("localhost");
        FakeBroker broker = StartBroker(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls12 });
        RpcConnectionOptions options = Trusting();
        options.Tls.Protocols = SslProtocols.Tls13;

        Assert.Contains("no version of TLS in common; check Tls.Protocols and the broker's ssl_options.versions", await FailAsync(broker, options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_sees_and_changes_what_the_handshake_uses()
    {
        FakeBroker broker = StartBroker(_authority.Issue("elsewhere"));
        RpcConnectionOptions options = Trusting();
        string? host = null;
        options.Tls.OnAuthenticate = (name, authentication) =>
        {
            host = name;
            authentication.TargetHost = "elsewhere";
        };

        await using var connection = await ConnectAsync(broker, options);

        Assert.Equal("localhost", host);
    }

    [Fact]
    public async Task A_callback_that_throws_is_named()
    {
        RpcConnectionOptions options = Trusting();
        options.Tls.OnAuthenticate = (_, _) => throw new InvalidOperationException("no idea.");

        Assert.Contains("Tls.OnAuthenticate failed: no idea (InvalidOperationException)", await FailAsync(StartBroker(Certificate), options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unreadable_authorities_are_named()
    {
        FakeBroker broker = StartBroker(Certificate);

        string missing = await FailAsync(broker, new RpcConnectionOptions { Tls = { CaCertificateFile = "/no/such/file.pem" } });
        string empty = await FailAsync(broker, new RpcConnectionOptions { Tls = { CaCertificateFile = _authority.Write("nothing") } });

        Assert.Contains("the trusted authorities in '/no/such/file.pem' cannot be read", missing, StringComparison.Ordinal);
        Assert.Contains("has no certificate in PEM form (-----BEGIN CERTIFICATE-----)", empty, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_with_a_plain_port_and_the_other_way_round_are_told_apart()
    {
        FakeBroker plain = StartBroker();
        FakeBroker encrypted = StartBroker(Certificate);

        string tlsToPlain = await FailAsync(plain, new RpcConnectionOptions());
        string plainToTls = (await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectAsync(encrypted, new RpcConnectionOptions(), tls: false))).Message;

        Assert.Contains("this port does not use TLS; write the broker's port for TLS (usually 5671), or amqp://", tlsToPlain, StringComparison.Ordinal);
        Assert.Contains("if this is a port for TLS, write amqps://", plainToTls, StringComparison.Ordinal);
    }

    private protected override ValueTask CleanUpAsync()
    {
        _authority.Dispose();
        return base.CleanUpAsync();
    }

    private static async Task<string> FailAsync(FakeBroker broker, RpcConnectionOptions options) =>
        (await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectAsync(broker, options))).Message;

    private RpcConnectionOptions Trusting() => new() { Tls = { CaCertificateFile = _authority.File } };
}
