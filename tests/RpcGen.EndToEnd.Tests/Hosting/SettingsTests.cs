using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Hosting;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>The sources of settings, and the messages about invalid ones.</summary>
public sealed class SettingsTests(MemoryBroker broker) : HostingTest(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task A_missing_connection_string_is_reported_with_the_remedy()
    {
        string message = await StartInVainAsync(services => services.AddRpcGen("rabbitmq").AddClient<ICalculator>());

        Assert.Contains("ConnectionStrings:rabbitmq is not set", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__rabbitmq", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://guest:hid/den@localhost", "write it as %2F")]
    [InlineData("host=localhost;password=hidden", "does not start with amqp://")]
    [InlineData("http://localhost", "does not start with amqp://")]
    public async Task An_invalid_connection_string_is_reported_without_its_secrets(string connectionString, string reason)
    {
        string message = await StartInVainAsync(services => services.AddRpcGen("rabbitmq"), ("ConnectionStrings:rabbitmq", connectionString));

        Assert.Contains("ConnectionStrings:rabbitmq: The connection string is invalid", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hid", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("guest:secret@localhost")]
    [InlineData("guest:secret")]
    [InlineData("host=localhost;username=guest;password=secret")]
    public async Task An_address_without_scheme_is_not_shown(string address)
    {
        string message = await StartInVainAsync(services => services.AddRpcGen(address));

        Assert.Contains("amqp://", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_broker_address_is_reported()
    {
        string message = await StartInVainAsync(services => services.AddRpcGen().AddClient<ICalculator>());

        Assert.Contains("RpcGen:ConnectionString is not set", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_host_the_first_use_reports_problems()
    {
        var services = new ServiceCollection();
        services.AddRpcGen("rabbitmq").AddClient<ICalculator>();
        using ServiceProvider provider = services.BuildServiceProvider();

        OptionsValidationException e = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<ICalculator>);

        Assert.Contains("the application has no configuration", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_problems_are_reported_at_once_by_key()
    {
        string message = await StartInVainAsync(
            services => services.AddRpcGen(Broker.Url)
                .AddClient<ITroublemaker>(options => options.Timeout = TimeSpan.Zero)
                .AddService<ICalculator, Calculator>()
                .AddService<ITroublemaker, Troublemaker>(),
            ("RpcGen:MaxMessageBytes", "many"),
            ("RpcGen:StartTimeout", "30"),
            ("RpcGen:FailFast", "maybe"),
            ("RpcGen:QueueType", "3"),
            ("RpcGen:Services:ICalculator:MaxConcurrentCalls", "0"),
            ("RpcGen:Services:ITroublemaker:Queue", "amq.mine"));

        Assert.Contains("RpcGen:MaxMessageBytes is 'many', which can't be read: write a whole number", message, StringComparison.Ordinal);
        Assert.Contains("RpcGen:StartTimeout is '30', which can't be read: write hours:minutes:seconds such as 00:00:30", message, StringComparison.Ordinal);
        Assert.Contains("RpcGen:FailFast is 'maybe', which can't be read: write true or false", message, StringComparison.Ordinal);
        Assert.Contains("RpcGen:QueueType is '3', which can't be read: write Classic or Quorum or NonDurable", message, StringComparison.Ordinal);
        Assert.Contains("RpcGen:Services:ICalculator:MaxConcurrentCalls ('0') must be", message, StringComparison.Ordinal);
        Assert.Contains("RpcGen:Services:ITroublemaker:Queue 'amq.mine' must not start with 'amq.'", message, StringComparison.Ordinal);
        Assert.Contains("AddClient<ITroublemaker>: Timeout must be positive", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter '", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RpcGen:Timeout", "-00:00:05")]
    [InlineData("RpcGen:MaxConcurrentCalls", "0")]
    [InlineData("RpcGen:MaxMessageBytes", "1")]
    [InlineData("RpcGen:StartTimeout", "00:00:00")]
    [InlineData("RpcGen:Clients:ICalculator:Queue", "amq.mine")]
    public async Task A_value_out_of_range_is_reported_by_its_key(string key, string value)
    {
        string message = await StartInVainAsync(services => services.AddRpcGen(Broker.Url).AddClient<ICalculator>(), (key, value));

        Assert.StartsWith($"{key} ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_services_on_one_queue_are_reported()
    {
        string message = await StartInVainAsync(
            services => services.AddRpcGen(Broker.Url).AddService<ICalculator, Calculator>().AddService<ITroublemaker, Troublemaker>(),
            ("RpcGen:Services:ICalculator:Queue", "q"), ("RpcGen:Services:ITroublemaker:Queue", "q"));

        Assert.Contains("ICalculator and ITroublemaker would be served on one queue, 'q'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_overrides_configuration_and_the_most_specific_setting_wins()
    {
        IHost host = CreateHost(
            services => services.AddRpcGen(Broker.Url, options => options.GracePeriod = TimeSpan.FromSeconds(7))
                .AddClient<ICalculator>(options => options.FailFast = false)
                .AddClient<ITroublemaker>()
                .AddService<ICalculator, Calculator>(options => options.Queue = options.Queue + ".mine")
                .AddService<ITroublemaker, Troublemaker>(),
            ("RpcGen:ConnectionName", "me"),
            ("RpcGen:Timeout", "00:00:20"),
            ("RpcGen:FailFast", "true"),
            ("RpcGen:MaxConcurrentCalls", "9"),
            ("RpcGen:GracePeriod", "00:00:05"),
            ("RpcGen:QueueType", "quorum"),
            ("RpcGen:Clients:ITroublemaker:Timeout", "infinite"),
            ("RpcGen:Services:RpcGen.EndToEnd.Tests.Contracts.ICalculator:Queue", "q"),
            ("RpcGen:Services:ITroublemaker:MaxConcurrentCalls", "2"),
            ("RpcGen:Services:ITroublemaker:EnableDetailedErrors", "true"));
        Broker hosted = host.Services.GetRequiredService<Broker>();

        Assert.Equal("me", hosted.Options.ConnectionName);
        Assert.Equivalent(new RpcClientOptions { Timeout = TimeSpan.FromSeconds(20), FailFast = false }, hosted.GetOptions(hosted.Registration.FindClient(typeof(ICalculator))!));
        Assert.Equivalent(new RpcClientOptions { Timeout = Timeout.InfiniteTimeSpan, FailFast = true }, hosted.GetOptions(hosted.Registration.FindClient(typeof(ITroublemaker))!));
        var common = new RpcServerOptions { MaxConcurrentCalls = 9, GracePeriod = TimeSpan.FromSeconds(7), QueueType = RpcQueueType.Quorum };
        Assert.Equivalent(new RpcServerOptions(common) { Queue = "q.mine" }, hosted.GetOptions(hosted.Registration.FindService(typeof(ICalculator))!));
        Assert.Equivalent(new RpcServerOptions(common) { MaxConcurrentCalls = 2, EnableDetailedErrors = true }, hosted.GetOptions(hosted.Registration.FindService(typeof(ITroublemaker))!));
    }

    [Fact]
    public async Task Messages_name_a_custom_section()
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("Messaging:Rpc:ConnectionString", Broker.Url), new("Messaging:Rpc:MaxConcurrentCalls", "x"), new("RpcGen:MaxConcurrentCalls", "7")]);

        string message = await StartInVainAsync(services => services.AddRpcGen(configuration.GetSection("Messaging:Rpc")));

        Assert.Contains("Messaging:Rpc:MaxConcurrentCalls is 'x'", message, StringComparison.Ordinal);
        IHost host = CreateHost(services => services.AddRpcGen(configuration, options => options.ConnectionString = Broker.Url)); // the whole configuration: its section RpcGen is used
        Assert.Equal(7, host.Services.GetRequiredService<IOptions<RpcGenOptions>>().Value.MaxConcurrentCalls);
    }

    [Fact]
    public void Every_setting_is_in_the_documentation()
    {
        string document = File.ReadAllText(Repository.File("docs", "hosting.md"));
        IEnumerable<string> settings = new[] { typeof(RpcGenOptions), typeof(RpcClientOptions), typeof(RpcServerOptions), typeof(RpcConnectionOptions), typeof(RpcTlsOptions) }
            .SelectMany(type => type.GetProperties())
            .Select(property => property.Name)
            .Except([
                nameof(RpcConnectionOptions.LoggerFactory), nameof(RpcConnectionOptions.TimeProvider), // from the container
                nameof(RpcConnectionOptions.JsonContexts), nameof(RpcClientOptions.Interceptors), nameof(RpcTlsOptions.OnAuthenticate), nameof(RpcConnectionOptions.Credentials), // set in code
                nameof(RpcConnectionOptions.ClientInterceptors), nameof(RpcConnectionOptions.ServerInterceptors)]);

        Assert.DoesNotContain(settings, setting => !document.Contains($"`{setting}`", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_brokers_user_is_sent_with_SendBrokerUser()
    {
        var journal = new List<string?>();
        IHost host = await StartHostAsync(
            services =>
            {
                AddTroublemaker(services, (text, _) =>
                {
                    journal.Add(RpcCallContext.Current!.BrokerUser);
                    return Task.FromResult(text);
                });
                AddClient(services);
            },
            ("RpcGen:SendBrokerUser", "true"));

        await Client(host).DoAsync("x", Cancel).OrFail();

        Assert.NotNull(Assert.Single(journal));
    }

    [Fact]
    public async Task Misspelt_settings_cause_warnings()
    {
        await StartHostAsync(
            services => services.AddRpcGen(Broker.Url).AddClient<ITroublemaker>().AddService<ICalculator, Calculator>(options => options.Queue = Queue),
            ("RpcGen:Prefech", "9"),
            ("RpcGen:Services:ICalculator:Prefech", "9"),
            ("RpcGen:Clients:ITroublemaker:MaxConcurrentCalls", "9"),
            ("RpcGen:Services:IUnknown:Queue", "of another process"));

        Assert.Equal(3, Log.Count(92));
        Assert.Contains(Log.Lines, line => line.Contains("RpcGen:Services:ICalculator:Prefech is not a setting of RpcGen", StringComparison.Ordinal));
        Assert.Contains(Log.Lines, line => line.Contains("RpcGen:Clients:ITroublemaker:MaxConcurrentCalls is not a setting of RpcGen", StringComparison.Ordinal));
        Assert.Contains(Log.Lines, line => line.Contains("RpcGen:Prefech is not a setting of RpcGen. Known here: ConnectionString, ConnectionName", StringComparison.Ordinal));
    }

    [Fact]
    public void Contradicting_registrations_are_refused_at_once()
    {
        var services = new ServiceCollection();
        RpcGenBuilder builder = services.AddRpcGen("amqp://guest:secret@one").AddService<ICalculator, Calculator>();

        string twoBrokers = Assert.Throws<InvalidOperationException>(() => services.AddRpcGen("amqp://two")).Message;
        string twoClasses = Assert.Throws<InvalidOperationException>(() => builder.AddService<ICalculator, OtherCalculator>()).Message;
        string noClass = Assert.Throws<InvalidOperationException>(() => builder.AddService<ITroublemaker, ITroublemaker>()).Message;
        services.AddScoped<OtherCalculator>();
        string twoLifetimes = Assert.Throws<InvalidOperationException>(() => services.AddKeyedRpcGen("k").AddService<ICalculator, OtherCalculator>(lifetime: ServiceLifetime.Singleton)).Message;

        Assert.Contains("AddKeyedRpcGen(\"name\", \"amqp://…\")", twoBrokers, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", twoBrokers, StringComparison.Ordinal);
        Assert.Contains("ICalculator is served by Calculator (Scoped) already", twoClasses, StringComparison.Ordinal);
        Assert.Contains("name the class", noClass, StringComparison.Ordinal);
        Assert.Contains("was added to the services as Scoped", twoLifetimes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_cannot_be_created_fails_the_start()
    {
        IHost host = CreateHost(services => services.AddRpcGen(Broker.Url).AddService<ITroublemaker, Troublemaker>(lifetime: ServiceLifetime.Singleton));

        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Cancel).OrFail());

        Assert.Contains(nameof(Troublemaker), e.Message, StringComparison.Ordinal);
    }

    private async Task<string> StartInVainAsync(Action<IServiceCollection> configure, params (string Key, string? Value)[] settings)
    {
        IHost host = CreateHost(configure, settings);
        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel).OrFail());
        return e.Message;
    }

    private sealed class OtherCalculator : ICalculator
    {
        public Task<int> AddAsync(int a, int b, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<int> NegateAsync(int value) => throw new NotSupportedException();

        public Task RememberAsync(string text, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ForgetAsync() => throw new NotSupportedException();

        public Task<string?> RecallAsync() => throw new NotSupportedException();

        public Task<string> JoinAsync(CancellationToken cancellationToken, string? left, string right, int times, DayOfWeek day) => throw new NotSupportedException();

        public Task<Order> EchoAsync(Order order, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<byte[]> EchoBytesAsync(byte[] bytes, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string> KeywordsAsync(string @event, int @class, int reader, int writer, int service, int arguments) => throw new NotSupportedException();
    }
}
