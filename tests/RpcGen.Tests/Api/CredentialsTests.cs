using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RpcGen.Hosting;
using RpcGen.Runtime;
using RpcGen.Tests.Hosting;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Api;

/// <summary>Logins that change, and connection strings that are read again.</summary>
public sealed class CredentialsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Credentials_print_their_user_only()
    {
        Assert.Equal("ann", new RpcCredentials("ann", "secret").ToString());
        Assert.Equal(("", "token", DateTimeOffset.UnixEpoch), Parts(RpcCredentials.FromToken("token", DateTimeOffset.UnixEpoch)));
        Assert.Null(RpcCredentials.FromToken("token").ValidUntil);
        Assert.Throws<ArgumentNullException>("password", () => new RpcCredentials("ann", null!));
        Assert.Throws<ArgumentNullException>("userName", () => new RpcCredentials(null!, ""));
    }

    [Fact]
    public void A_connection_string_in_ConnectionStrings_is_read_again()
    {
        IConfigurationRoot configuration = Configure(("ConnectionStrings:rabbit", "amqp://u:old@host"));
        ConnectionSource source = CreateSource(configuration, services => services.AddRpcGen("rabbit"));

        configuration["ConnectionStrings:rabbit"] = "amqp://u:new@host";

        Assert.Equal(("amqp://u:new@host", "ConnectionStrings:rabbit"), (source.Read(), source.Place));
    }

    [Fact]
    public void A_connection_string_in_the_section_is_read_again()
    {
        IConfigurationRoot configuration = Configure(("RpcGen:ConnectionString", "amqp://u:old@host"));
        ConnectionSource source = CreateSource(configuration, services => services.AddRpcGen());

        configuration["RpcGen:ConnectionString"] = "amqp://u:new@host";

        Assert.Equal(("amqp://u:new@host", "RpcGen:ConnectionString"), (source.Read(), source.Place));
    }

    [Fact]
    public void A_connection_string_that_code_gives_stays()
    {
        IConfigurationRoot configuration = Configure(("RpcGen:ConnectionString", "amqp://u:old@host"));
        ConnectionSource source = CreateSource(configuration, services => services.AddRpcGen(options => options.ConnectionString = "amqp://code"));

        configuration["RpcGen:ConnectionString"] = "amqp://u:new@host";

        Assert.Equal(("amqp://code", null), (source.Read(), source.Place));
    }

    [Fact]
    public void A_refused_login_is_logged_once_with_its_remedy_until_one_is_accepted()
    {
        var log = new Support.RecordingLogger();
        var events = new ConnectionLog("amqp://host", "The remedy.", new RpcEnvironment(TimeProvider.System, SystemRandomSource.Instance, log));

        events.OnLoginRefused("ann");
        events.OnLoginRefused("ann");
        events.OnLoginAccepted();
        events.OnLoginRefused("");

        Assert.Equal(
            ["amqp://host refused the login of the user 'ann'. The remedy. This is logged once.", "amqp://host refused the login of the user named by the token or certificate. The remedy. This is logged once."],
            log.Entries.Select(entry => entry.Message));
    }

    [Fact]
    public async Task A_warning_that_a_reload_brings_is_logged_once()
    {
        var log = new Support.RecordingLogger();
        string address = "amqps://localhost:1";
        ITransport transport = TransportFactory.Create(new ConnectionSource(() => address, "ConnectionStrings:rabbit"), new RpcConnectionOptions(), new RpcEnvironment(TimeProvider.System, SystemRandomSource.Instance, log));
        await AttemptAsync();
        Assert.Empty(Warnings());

        address = "amqps://localhost:1?verify=verify_none";
        await AttemptAsync();
        await AttemptAsync();
        Assert.Single(Warnings());

        address = "amqps://localhost:1";
        await AttemptAsync();
        address = "amqps://localhost:1?verify=verify_none";
        await AttemptAsync();
        Assert.Equal(2, Warnings().Length);

        Task AttemptAsync() => Assert.ThrowsAsync<RpcConnectionException>(() => transport.ConnectAsync("test", Cancel));
        string[] Warnings() => [.. log.Entries.Where(entry => entry.Message.Contains("certificate is not checked", StringComparison.Ordinal)).Select(entry => entry.Message)];
    }

    [Fact]
    public void The_user_of_credentials_is_not_known_before_they_are_asked_for()
    {
        Assert.Equal("", TransportFactory.Create("amqp://ann@localhost:1", new RpcConnectionOptions { Credentials = _ => default }).UserName);
        Assert.Equal("ann", TransportFactory.Create("amqp://ann@localhost:1", new RpcConnectionOptions()).UserName);
    }

    [Fact]
    public void The_remedy_names_the_place_of_the_login()
    {
        var source = new ConnectionSource(() => "", "ConnectionStrings:rabbit");

        Assert.StartsWith("ConnectionStrings:rabbit is read again", ConnectionLog.Remedy(new RpcConnectionOptions(), source, usesCertificate: false), StringComparison.Ordinal);
        Assert.StartsWith("Credentials is asked again", ConnectionLog.Remedy(new RpcConnectionOptions { Credentials = _ => default }, source, usesCertificate: false), StringComparison.Ordinal);
        Assert.StartsWith("The client certificate is read again", ConnectionLog.Remedy(new RpcConnectionOptions(), source, usesCertificate: true), StringComparison.Ordinal);
        Assert.StartsWith("The connection string is given in code", ConnectionLog.Remedy(new RpcConnectionOptions(), ConnectionSource.Fixed(""), usesCertificate: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_give_the_user_in_memory_too()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(
            Application.NewAddress(), new RpcConnectionOptions { SendBrokerUser = true, Credentials = _ => ValueTask.FromResult(new RpcCredentials("ann", "")) }, Cancel);
        await using RpcServer server = await connection.ServeAsync<IOrders>(new UserOrders(), cancellationToken: Cancel);

        Assert.Equal("ann", await connection.CreateClient<IOrders>().GetAsync("", Cancel));
    }

    [Fact]
    public async Task The_container_gives_the_login()
    {
        await using ServiceProvider services = Application.Build(services =>
        {
            services.AddSingleton(new RpcCredentials("ann", ""));
            services.AddRpcGen(Application.NewAddress(), options => options.SendBrokerUser = true)
                .UseCredentials((provider, _) => ValueTask.FromResult(provider.GetRequiredService<RpcCredentials>()))
                .AddClient<IOrders>().AddService<IOrders>(new UserOrders());
        });
        BrokerHostedService hosted = services.GetRequiredService<Broker>().Hosted;
        await hosted.StartAsync(Cancel);

        Assert.Equal("ann", await services.GetRequiredService<IOrders>().GetAsync("", Cancel));
        await hosted.StopAsync(Cancel);
    }

    [Fact]
    public async Task Credentials_that_cannot_be_obtained_fail_the_attempt()
    {
        var failed = await Assert.ThrowsAsync<RpcConnectionException>(() => TransportFactory
            .Create("amqp://localhost:1", new RpcConnectionOptions { Credentials = _ => throw new TimeoutException("the vault is closed.") }).ConnectAsync("test", Cancel));
        var none = await Assert.ThrowsAsync<RpcConnectionException>(() => TransportFactory
            .Create("amqp://localhost:1", new RpcConnectionOptions { Credentials = _ => ValueTask.FromResult<RpcCredentials>(null!) }).ConnectAsync("test", Cancel));

        Assert.Equal("No connection to amqp://localhost:1/: the credentials could not be obtained: the vault is closed.", failed.Message);
        Assert.Contains("Credentials returned null", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_do_not_come_fail_the_attempt()
    {
        var options = new RpcConnectionOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100), Credentials = _ => new ValueTask<RpcCredentials>(new TaskCompletionSource<RpcCredentials>().Task) };

        var failed = await Assert.ThrowsAsync<RpcConnectionException>(() => TransportFactory.Create("amqp://localhost:1", options).ConnectAsync("test", Cancel).WaitAsync(Bounds.Soon, Cancel));

        Assert.EndsWith("Credentials did not return within 0.1 s (ConnectTimeout)", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendBrokerUser_needs_the_name_that_a_token_does_not_tell()
    {
        var failed = await Assert.ThrowsAsync<RpcConnectionException>(() => TransportFactory
            .Create("amqp://localhost:1", new RpcConnectionOptions { SendBrokerUser = true, Credentials = _ => ValueTask.FromResult(RpcCredentials.FromToken("secret")) })
            .ConnectAsync("test", Cancel));

        Assert.Contains("SendBrokerUser needs the user's name", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
    }

    private static (string, string, DateTimeOffset?) Parts(RpcCredentials credentials) => (credentials.UserName, credentials.Password, credentials.ValidUntil);

    private static IConfigurationRoot Configure(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    private static ConnectionSource CreateSource(IConfiguration configuration, Action<IServiceCollection> add)
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddSingleton(configuration);
            add(services);
        });
        var broker = services.GetRequiredService<Broker>();
        return new ConnectionStringResolver(broker.Registration, broker.Configuration).CreateSource(broker.Options);
    }

    private sealed class UserOrders : IOrders
    {
        public Task<string> GetAsync(string id, CancellationToken cancellationToken) => Task.FromResult(RpcCallContext.Current!.BrokerUser ?? "nobody");
    }
}
