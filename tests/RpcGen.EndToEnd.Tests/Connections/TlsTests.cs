using System.Security.Cryptography.X509Certificates;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>TLS with RabbitMQ's own listener, and what its failures are reported as.</summary>
public sealed class TlsTests(TlsRabbit broker) : FailureTest(broker), IClassFixture<TlsRabbit>
{
    private string Trusted => $"cacertfile={Uri.EscapeDataString(broker.Authority.File)}";

    [Fact]
    public async Task Calls_are_served_over_TLS()
    {
        await using RpcConnection connection = await ConnectAsync($"amqps://localhost:{broker.TlsPort}/?{Trusted}");

        await AssertServesAsync(connection);
    }

    [Fact]
    public async Task Calls_are_served_over_TLS_and_IPv6()
    {
        Assert.SkipUnless(TlsRabbit.HasIPv6, "Needs the address ::1.");
        await using RpcConnection connection = await ConnectAsync($"amqps://[::1]:{broker.TlsPort}/?{Trusted}");

        await AssertServesAsync(connection);
    }

    [Fact]
    public async Task A_revoked_certificate_is_refused_and_named()
    {
        var options = new RpcConnectionOptions { Tls = { RevocationMode = X509RevocationMode.Online } };

        string revoked = await FailAsNameAsync(TlsRabbit.Revoked, options);
        string unlisted = await FailAsNameAsync(TlsRabbit.Unlisted, options);
        await using RpcConnection kept = await ConnectAsync(AddressFor(TlsRabbit.Kept), options);
        await using RpcConnection unchecked_ = await ConnectAsync(AddressFor(TlsRabbit.Revoked));

        Assert.Contains("the broker's certificate is revoked; renew it", revoked, StringComparison.Ordinal);
        Assert.Contains("its authority's revocation list cannot be reached", unlisted, StringComparison.Ordinal);
        await AssertServesAsync(kept);
        await AssertServesAsync(unchecked_);
    }

    [Fact]
    public async Task A_client_certificate_is_accepted()
    {
        string file = broker.Authority.WritePfx(broker.Authority.Issue("client", forClients: true));
        var options = new RpcConnectionOptions { Tls = { CertificateFile = file, ServerName = TlsRabbit.Strict } };

        await using RpcConnection connection = await ConnectAsync($"amqps://localhost:{broker.TlsPort}/?{Trusted}", options);

        await AssertServesAsync(connection);
    }

    [Fact]
    public async Task A_client_certificate_can_be_the_login()
    {
        (string certificate, string key) = broker.Authority.WritePem(broker.Authority.Issue("machine", forClients: true));
        await broker.AddUserAsync("CN=machine", "never used");
        string address = $"amqps://localhost:{broker.TlsPort}/?{Trusted}&certfile={certificate}&keyfile={key}&auth_mechanism=external";

        await using RpcConnection connection = await ConnectAsync(address);

        await AssertServesAsync(connection);
        Assert.Contains("true", await broker.EvalAsync("lists:member([{user, <<\"CN=machine\">>}], rabbit_networking:connection_info_all([user]))."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_without_a_user_is_named()
    {
        string file = broker.Authority.WritePfx(broker.Authority.Issue("nobody", forClients: true));

        string message = await FailAsync($"amqps://localhost:{broker.TlsPort}/?{Trusted}&certfile={file}&auth_mechanism=external");

        Assert.Contains("the broker has no user for this client's certificate, CN=nobody; create the user that the broker's ssl_cert_login_from says", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_by_certificate_that_the_broker_does_not_offer_is_named()
    {
        string file = broker.Authority.WritePfx(broker.Authority.Issue("client", forClients: true));
        await broker.EvalAsync("application:set_env(rabbit, auth_mechanisms, ['PLAIN']).");
        try
        {
            string message = await FailAsync($"amqps://localhost:{broker.TlsPort}/?{Trusted}&certfile={file}&auth_mechanism=external");

            Assert.Contains("the broker does not offer logins by certificate (EXTERNAL); enable its plugin rabbitmq_auth_mechanism_ssl", message, StringComparison.Ordinal);
        }
        finally
        {
            await broker.EvalAsync("application:set_env(rabbit, auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']).");
        }
    }

    [Fact]
    public async Task An_expired_certificate_is_named() =>
        Assert.Contains("the broker's certificate is not valid now: CN=expired.test is valid from", await FailAsNameAsync(TlsRabbit.Expired), StringComparison.Ordinal);

    [Fact]
    public async Task A_certificate_for_another_name_is_named() =>
        Assert.Contains("the broker's certificate names elsewhere.test, not 'renamed.test'", await FailAsNameAsync(TlsRabbit.Renamed), StringComparison.Ordinal);

    [Fact]
    public async Task An_unknown_authority_is_named() =>
        Assert.Contains($"the authority of the broker's certificate, CN=Stranger, is not in '{broker.Authority.File}'", await FailAsNameAsync(TlsRabbit.Strange), StringComparison.Ordinal);

    [Fact]
    public async Task A_missing_client_certificate_is_named() =>
        Assert.Contains("the broker requires a client certificate; set Tls.CertificateFile", await FailAsNameAsync(TlsRabbit.Strict), StringComparison.Ordinal);

    [Fact]
    public async Task A_refused_client_certificate_is_named()
    {
        string file = broker.Stranger.WritePfx(broker.Stranger.Issue("client", forClients: true));

        string message = await FailAsNameAsync(TlsRabbit.Strict, new RpcConnectionOptions { Tls = { CertificateFile = file } });

        Assert.Contains("possibly it refuses this client's certificate, CN=client", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreadable_certificate_is_named_without_its_password()
    {
        string file = broker.Authority.WritePfx(broker.Authority.Issue("client", forClients: true), "open sesame");

        string wrong = await FailAsync($"amqps://localhost:{broker.TlsPort}/?{Trusted}&certfile={file}&password=secret");
        string missing = await FailAsync($"amqps://localhost:{broker.TlsPort}/?cacertfile=missing.pem");

        Assert.Contains($"the client certificate in '{file}' cannot be read", wrong, StringComparison.Ordinal);
        Assert.Contains("the trusted authorities in 'missing.pem' cannot be read", missing, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ports_that_are_mixed_up_are_told_apart()
    {
        string plainToTls = await FailAsync($"amqp://localhost:{broker.TlsPort}/");
        string tlsToPlain = await FailAsync($"amqps://localhost:{broker.Port}/");

        Assert.Contains("this port uses TLS; write amqps://, or the broker's port without TLS", plainToTls, StringComparison.Ordinal);
        Assert.Contains("this port does not use TLS; write the broker's port for TLS (usually 5671), or amqp://", tlsToPlain, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unchecked_certificate_is_a_warning_at_each_start_and_shows_no_password()
    {
        string file = broker.Authority.WritePfx(broker.Authority.Issue("client", forClients: true), "secret");
        string address = $"amqps://guest:guest@localhost:{broker.TlsPort}/?verify=verify_none&certfile={file}&password=secret&server_name_indication={TlsRabbit.Expired}";

        await using (await ConnectAsync(address))
        {
            Assert.Equal(1, Log.Count(12));
        }

        await using (await ConnectAsync(address))
        {
            Assert.Equal(2, Log.Count(12));
        }

        Assert.Contains(Log.Lines, line => line.Contains("the broker's certificate is not checked", StringComparison.Ordinal));
        Assert.DoesNotContain(Log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    private Task<string> FailAsNameAsync(string name, RpcConnectionOptions? options = null) =>
        FailAsync(AddressFor(name), options);

    private string AddressFor(string name) => $"amqps://localhost:{broker.TlsPort}/?{Trusted}&server_name_indication={name}";

    private async Task<string> FailAsync(string address, RpcConnectionOptions? options = null)
    {
        var failed = await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectAsync(address, options));
        return failed.Message;
    }

    private Task<RpcConnection> ConnectAsync(string address, RpcConnectionOptions? options = null) =>
        RpcConnection.ConnectAsync(address, new RpcConnectionOptions(options ?? new RpcConnectionOptions()) { LoggerFactory = Log }, Cancel).OrFail();

    private async Task AssertServesAsync(RpcConnection connection)
    {
        await using RpcServer server = await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        Assert.Equal("x", await connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("x", Cancel).OrFail());
    }
}
