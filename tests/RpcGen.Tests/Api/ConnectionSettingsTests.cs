using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using RpcGen.Hosting;
using RpcGen.Tests.Hosting;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Api;

/// <summary>Code overrides the connection string, which overrides the configuration section.</summary>
public sealed class ConnectionSettingsTests
{
    private const string Address = "amqps://host?cacertfile=uri-ca&certfile=uri-cert&keyfile=uri-key&password=uri-password&server_name_indication=uri-name"
        + "&auth_mechanism=external&heartbeat=20&connection_timeout=20000";

    private static readonly (string, string?)[] Section =
    [
        ("RpcGen:ConnectTimeout", "00:00:30"),
        ("RpcGen:Heartbeat", "00:00:30"),
        ("RpcGen:HostSelection", "inorder"),
        ("RpcGen:Tls:CaCertificateFile", "section-ca"),
        ("RpcGen:Tls:CertificateFile", "section-cert"),
        ("RpcGen:Tls:KeyFile", "section-key"),
        ("RpcGen:Tls:Password", "section-password"),
        ("RpcGen:Tls:ServerName", "section-name"),
        ("RpcGen:Tls:RevocationMode", "online"),
        ("RpcGen:Tls:Protocols", "Tls12, tls13"),
        ("RpcGen:Tls:UseExternalLogin", "false"),
    ];

    [Fact]
    public void The_connection_string_is_used_where_nothing_else_is_given() => AssertIs("uri", 20, true, Resolve(Address, new RpcConnectionOptions()));

    [Fact]
    public void Code_overrides_the_connection_string()
    {
        var options = new RpcConnectionOptions { ConnectTimeout = TimeSpan.FromSeconds(10), Heartbeat = TimeSpan.FromSeconds(10) };
        SetByCode(options.Tls);

        AssertIs("code", 10, false, Resolve(Address, new RpcConnectionOptions(options)));
    }

    [Fact]
    public void The_connection_string_overrides_the_section()
    {
        using ServiceProvider services = Application.Build(services => services.AddRpcGen(), Section);
        RpcGenOptions options = Read(services);

        AssertIs("uri", 20, true, Resolve(Address, options.ForConnection()));
        AssertIs("section", 30, false, Resolve("amqps://host", options.ForConnection()));
        Assert.Equal(
            (RpcHostSelection.InOrder, X509RevocationMode.Online, SslProtocols.Tls12 | SslProtocols.Tls13, "section-ca", TimeSpan.FromSeconds(30)),
            (options.HostSelection, options.Tls.RevocationMode, options.Tls.Protocols, options.Tls.CaCertificateFile, options.Heartbeat));
    }

    [Fact]
    public void Code_overrides_both()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddRpcGen(options =>
            {
                Assert.Equal("section-ca", options.Tls.CaCertificateFile); // code sees what configuration says
                SetByCode(options.Tls);
                options.Heartbeat = options.ConnectTimeout = TimeSpan.FromSeconds(10);
            }),
            Section);

        AssertIs("code", 10, false, Resolve(Address, Read(services).ForConnection()));
    }

    [Fact]
    public void Null_removes_a_setting()
    {
        var options = new RpcConnectionOptions { Tls = { CaCertificateFile = "code-ca" } };
        options.Tls.CaCertificateFile = null;

        Assert.Null(Resolve("amqps://host", options).Tls.CaCertificateFile);
        Assert.Equal("uri-ca", Resolve(Address, options).Tls.CaCertificateFile);
    }

    [Theory]
    [InlineData("amqps://host?certfile=uri-cert", null, "Thumbprint=AB", "uri-cert", null, null, null)]
    [InlineData("amqps://host?certfile=uri-cert", null, "File=section-cert;Key=section-key;Password=section-password", "uri-cert", null, null, null)]
    [InlineData("amqps://host?certfile=uri-cert", null, "File=section-cert;Password=section-password", "uri-cert", null, null, null)]
    [InlineData("amqps://host", "Thumbprint=CD", "File=section-cert;Key=section-key;Password=section-password", null, null, null, "CD")]
    [InlineData("amqps://host?certfile=uri-cert&keyfile=uri-key&password=uri-password", "Thumbprint=CD", "Thumbprint=AB", null, null, null, "CD")]
    [InlineData("amqps://host?certfile=uri-cert&keyfile=uri-key&password=uri-password", "File=code-cert", "", "code-cert", null, null, null)]
    [InlineData("amqps://host?certfile=uri-cert&keyfile=uri-key", "Password=code-password", "Thumbprint=AB", "uri-cert", "uri-key", "code-password", null)]
    [InlineData("amqps://host?password=uri-password", null, "File=section-cert;Key=section-key", "section-cert", "section-key", "uri-password", null)]
    public void A_client_certificate_drops_what_weaker_sources_say_about_theirs(
        string address, string? code, string section, string? file, string? key, string? password, string? thumbprint)
    {
        (string, string?)[] keys =
        [
            .. from setting in section.Split(';', StringSplitOptions.RemoveEmptyEntries)
               let parts = setting.Split('=')
               select ($"RpcGen:Tls:{(parts[0] == "Password" ? "Password" : parts[0] == "Key" ? "KeyFile" : "Certificate" + parts[0])}", (string?)parts[1]),
        ];
        using ServiceProvider services = Application.Build(services => services.AddRpcGen(options => Set(options.Tls, code)), keys);

        TlsSettings tls = Resolve(address, new RpcConnectionOptions(Read(services).ForConnection())).Tls;

        Assert.Equal((file, key, password, thumbprint), (tls.CertificateFile, tls.KeyFile, tls.Password, tls.CertificateThumbprint));

        static void Set(RpcTlsOptions tls, string? setting)
        {
            string? value = setting?.Split('=')[1];
            switch (setting?.Split('=')[0])
            {
                case "Thumbprint":
                    tls.CertificateThumbprint = value;
                    break;
                case "File":
                    tls.CertificateFile = value;
                    break;
                case "Password":
                    tls.Password = value;
                    break;
            }
        }
    }

    [Fact]
    public void A_keyed_broker_has_its_own_section()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddKeyedRpcGen("orders", "amqps://host"),
            ("RpcGen:Tls:CaCertificateFile", "default"),
            ("RpcGen:Brokers:orders:Tls:CaCertificateFile", "orders"));

        Assert.Equal("orders", services.Get<RpcGenOptions>("orders").Tls.CaCertificateFile);
    }

    [Theory]
    [InlineData("amqps://host?keyfile=k", "Tls.KeyFile (keyfile) is set without Tls.CertificateFile (certfile)")]
    [InlineData("amqps://host?password=secret", "Tls.Password (password) is set without Tls.CertificateFile (certfile)")]
    [InlineData("amqps://host?auth_mechanism=external", "needs a client certificate")]
    public void Settings_that_do_not_fit_together_are_refused(string address, string because)
    {
        string message = Assert.Throws<ArgumentException>(() => Resolve(address, new RpcConnectionOptions())).Message;

        Assert.Contains(because, message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_do_not_fit_together_are_refused()
    {
        Assert.Contains("both set", Assert.Throws<ArgumentException>(() => Resolve("amqps://host", new RpcConnectionOptions { Tls = { CertificateFile = "c", CertificateThumbprint = "AB" } })).Message, StringComparison.Ordinal);
        Assert.Contains("write amqps://", Assert.Throws<ArgumentException>(() => Resolve("amqp://host", new RpcConnectionOptions { Tls = { UseExternalLogin = true, CertificateFile = "c" } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_reports_what_is_wrong_by_key()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddRpcGen("amqps://user:secret@host?certfile=c&keyfile=k&passwrod=secret"),
            ("RpcGen:ConnectTimeout", "00:00:00"),
            ("RpcGen:Tls:Protocols", "Tls11"),
            ("RpcGen:Tls:RevocationMode", "1"));

        string[] failures = services.Failures();

        Assert.Contains(failures, failure => failure.StartsWith("RpcGen:ConnectTimeout must be at least a millisecond", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.StartsWith("RpcGen:Tls:Protocols is 'Tls11', which can't be read: write Tls12, Tls13, or both", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.StartsWith("RpcGen:Tls:RevocationMode is '1', which can't be read: write NoCheck or Online or Offline", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("did you mean 'password'?", StringComparison.Ordinal));
        Assert.DoesNotContain(failures, failure => failure.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("amqps://host?verify=verify_none", "the broker's certificate is not checked")]
    [InlineData("amqps://host?verify=verify_peer", null)]
    public void Verify_none_is_a_warning(string address, string? expected)
    {
        RabbitMqSettings settings = Resolve(address, new RpcConnectionOptions());

        Assert.Equal(expected is not null, settings.Tls.FindWarnings(isTls: true).Any(warning => warning.Contains(expected!, StringComparison.Ordinal)));
    }

    [Fact]
    public void TLS_settings_without_TLS_are_a_warning()
    {
        RabbitMqSettings settings = Resolve("amqp://host", new RpcConnectionOptions { Tls = { CaCertificateFile = "ca" } });

        Assert.Contains("not encrypted", Assert.Single(settings.Tls.FindWarnings(isTls: false)), StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_options_are_refused_by_name()
    {
        Assert.Equal("ConnectTimeout", Refused(options => options.ConnectTimeout = TimeSpan.Zero));
        Assert.Equal("ConnectTimeout", Refused(options => options.ConnectTimeout = TimeSpan.FromDays(30)));
        Assert.Equal("Heartbeat", Refused(options => options.Heartbeat = TimeSpan.FromMilliseconds(1500)));
        Assert.Equal("Heartbeat", Refused(options => options.Heartbeat = TimeSpan.FromSeconds(-1)));
        Assert.Equal("HostSelection", Refused(options => options.HostSelection = (RpcHostSelection)7));
        Assert.Equal("Tls", Refused(options => options.Tls.RevocationMode = (X509RevocationMode)7));
#pragma warning disable SYSLIB0039, CA5397 // It is refused.
        Assert.Equal("Tls", Refused(options => options.Tls.Protocols = SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    private static string? Refused(Action<RpcConnectionOptions> change)
    {
        var options = new RpcConnectionOptions();
        change(options);
        return Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName;
    }

    private static RabbitMqSettings Resolve(string address, RpcConnectionOptions options) => TransportFactory.CreateSettings(address, options);

    /// <summary>The options without their validation, for which there is no broker.</summary>
    private static RpcGenOptions Read(ServiceProvider services)
    {
        var options = new RpcGenOptions();
        foreach (var setup in services.GetServices<Microsoft.Extensions.Options.IConfigureOptions<RpcGenOptions>>())
        {
            setup.Configure(options);
        }

        return options;
    }

    private static void SetByCode(RpcTlsOptions tls)
    {
        tls.CaCertificateFile = "code-ca";
        tls.CertificateFile = "code-cert";
        tls.KeyFile = "code-key";
        tls.Password = "code-password";
        tls.ServerName = "code-name";
        tls.UseExternalLogin = false;
    }

    private static void AssertIs(string source, int seconds, bool external, RabbitMqSettings settings)
    {
        TlsSettings tls = settings.Tls;
        Assert.Equal(
            ($"{source}-ca", $"{source}-cert", $"{source}-key", $"{source}-password", $"{source}-name", external),
            (tls.CaCertificateFile, tls.CertificateFile, tls.KeyFile, tls.Password, tls.ServerName, tls.UseExternalLogin));
        Assert.Equal((TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds)), (settings.Heartbeat, settings.ConnectTimeout));
    }
}
