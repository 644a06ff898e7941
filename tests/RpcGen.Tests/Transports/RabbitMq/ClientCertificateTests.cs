using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Client certificates: where they come from, and what a broker that refuses them is reported as.</summary>
public sealed class ClientCertificateTests : FakeBrokerTest
{
    private readonly TestAuthority _authority = new();
    private readonly List<string> _subjects = [];

    [Fact]
    public async Task A_PEM_pair_is_sent()
    {
        (string certificate, string key) = _authority.WritePem(_authority.Issue("client", forClients: true));

        await ConnectWithAsync(tls => (tls.CertificateFile, tls.KeyFile) = (certificate, key));

        Assert.Equal(["CN=client"], _subjects);
    }

    [Fact]
    public async Task A_PEM_pair_with_a_password_is_sent()
    {
        (string certificate, string key) = _authority.WritePem(_authority.Issue("client", forClients: true), "open sesame");

        await ConnectWithAsync(tls => (tls.CertificateFile, tls.KeyFile, tls.Password) = (certificate, key, "open sesame"));

        Assert.Equal(["CN=client"], _subjects);
    }

    [Fact]
    public async Task A_PEM_file_with_certificate_and_key_is_sent()
    {
        (string certificate, string key) = _authority.WritePem(_authority.Issue("client", forClients: true));
        string both = _authority.Write($"{File.ReadAllText(certificate)}\n{File.ReadAllText(key)}");

        await ConnectWithAsync(tls => tls.CertificateFile = both);

        Assert.Equal(["CN=client"], _subjects);
    }

    [Fact]
    public async Task A_PFX_file_is_sent()
    {
        string file = _authority.WritePfx(_authority.Issue("client", forClients: true), "open sesame");

        await ConnectWithAsync(tls => (tls.CertificateFile, tls.Password) = (file, "open sesame"));

        Assert.Equal(["CN=client"], _subjects);
    }

    [Fact]
    public async Task A_certificate_of_the_store_is_sent()
    {
        using X509Certificate2 certificate = _authority.Issue("client", forClients: true);
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadWrite);
        store.Add(certificate);
        try
        {
            string spaced = string.Join(' ', certificate.Thumbprint.ToLowerInvariant().Chunk(2).Select(pair => new string(pair)));
            await ConnectWithAsync(tls => tls.CertificateThumbprint = spaced);
        }
        finally
        {
            store.Remove(certificate);
        }

        Assert.Equal(["CN=client"], _subjects);
    }

    [Fact]
    public async Task A_renewed_file_is_used_for_the_next_connection()
    {
        FakeBroker broker = StartStrictBroker();
        string file = _authority.WritePfx(_authority.Issue("before", forClients: true));
        var transport = TransportFactory.Create($"amqps://localhost:{broker.Port}", new RpcConnectionOptions { Tls = { CaCertificateFile = _authority.File, CertificateFile = file } });

        await (await transport.ConnectAsync("test", Cancel)).DisposeAsync();
        File.Move(_authority.WritePfx(_authority.Issue("after", forClients: true)), file, overwrite: true);
        await (await transport.ConnectAsync("test", Cancel)).DisposeAsync();

        Assert.Equal(["CN=before", "CN=after"], _subjects);
    }

    [Fact]
    public async Task A_missing_certificate_is_named()
    {
        string message = await FailAsync(_ => { });

        Assert.Contains("the broker requires a client certificate; set Tls.CertificateFile and Tls.KeyFile (certfile, keyfile) or Tls.CertificateThumbprint", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_certificate_is_named()
    {
        using var stranger = new TestAuthority("Stranger");
        string file = stranger.WritePfx(stranger.Issue("client", forClients: true));

        string message = await FailAsync(tls => tls.CertificateFile = file);

        Assert.Contains("possibly it refuses this client's certificate, CN=client: check that the certificate is valid", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unreadable_files_are_named_and_passwords_are_not_shown()
    {
        (string certificate, string key) = _authority.WritePem(_authority.Issue("client", forClients: true), "open sesame");
        string pfx = _authority.WritePfx(_authority.Issue("client", forClients: true), "open sesame");

        string missing = await FailAsync(tls => tls.CertificateFile = "/no/such/file.pfx");
        string wrongPem = await FailAsync(tls => (tls.CertificateFile, tls.KeyFile, tls.Password) = (certificate, key, "secret"));
        string wrongPfx = await FailAsync(tls => (tls.CertificateFile, tls.Password) = (pfx, "secret"));
        string withKey = await FailAsync(tls => (tls.CertificateFile, tls.KeyFile) = (pfx, key));
        string unknown = await FailAsync(tls => tls.CertificateThumbprint = "AB CD");

        Assert.Contains("the client certificate in '/no/such/file.pfx' cannot be read", missing, StringComparison.Ordinal);
        Assert.Contains($"the client certificate in '{certificate}' and '{key}' cannot be read", wrongPem, StringComparison.Ordinal);
        Assert.Contains("that Tls.Password (password) is right", wrongPem, StringComparison.Ordinal);
        Assert.Contains($"the client certificate in '{pfx}' cannot be read", wrongPfx, StringComparison.Ordinal);
        Assert.Contains("remove Tls.KeyFile (keyfile)", withKey, StringComparison.Ordinal);
        Assert.Contains("no certificate with the thumbprint 'ABCD' is in the store My", unknown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", missing + wrongPem + wrongPfx + withKey + unknown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_can_provide_the_certificate()
    {
        using X509Certificate2 certificate = _authority.Issue("client", forClients: true);

        await ConnectWithAsync(tls => tls.OnAuthenticate = (_, authentication) => authentication.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null));

        Assert.Equal(["CN=client"], _subjects);
    }

    private protected override ValueTask CleanUpAsync()
    {
        _authority.Dispose();
        return base.CleanUpAsync();
    }

    private async Task ConnectWithAsync(Action<RpcTlsOptions> configure)
    {
        var options = new RpcConnectionOptions { Tls = { CaCertificateFile = _authority.File } };
        configure(options.Tls);
        await (await ConnectAsync(StartStrictBroker(), options)).DisposeAsync();
    }

    private async Task<string> FailAsync(Action<RpcTlsOptions> configure) =>
        (await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectWithAsync(configure))).Message;

    /// <summary>A broker that requires a certificate of the authority.</summary>
    private FakeBroker StartStrictBroker() => StartBroker(new SslServerAuthenticationOptions
    {
        ServerCertificate = _authority.Issue("localhost"),
        ClientCertificateRequired = true,
        CertificateChainPolicy = Trust(_authority.Certificate),
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            lock (_subjects)
            {
                if (errors == SslPolicyErrors.None)
                {
                    _subjects.Add(certificate!.Subject);
                }
            }

            return errors == SslPolicyErrors.None;
        },
    });
}
