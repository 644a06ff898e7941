using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RpcGen.Hosting;

namespace RpcGen.Tests.Hosting;

/// <summary>What the host's start refuses, and what it says.</summary>
public sealed class RegistrationValidationTests
{
    private const string Address = "memory://validation";

    [Theory]
    [InlineData(null, "RpcGen:ConnectionString is not set: give it an address such as amqp://user:password@localhost:5672/ or the name of a connection string, or give AddRpcGen one.")]
    [InlineData("  ", "RpcGen:ConnectionString is not set: give it an address such as amqp://user:password@localhost:5672/ or the name of a connection string, or give AddRpcGen one.")]
    [InlineData("rabbit", "ConnectionStrings:rabbit is not set: give it an address such as amqp://user:password@localhost:5672/ (as an environment variable: ConnectionStrings__rabbit), or give AddRpcGen an address.")]
    [InlineData("host;password=secret", "RpcGen:ConnectionString or AddRpcGen's argument is neither an address, which starts with amqp://, amqps:// or memory://, nor the name of a connection string.")]
    public void Addresses(string? connectionString, string failure)
    {
        using ServiceProvider services = Application.Build(services => services.AddRpcGen(options => options.ConnectionString = connectionString));

        Assert.Equal([failure], services.Failures());
    }

    [Fact]
    public void Addresses_in_ConnectionStrings_are_trimmed_and_checked()
    {
        using ServiceProvider good = Application.Build(services => services.AddRpcGen("my_rabbit-2.x"), ("ConnectionStrings:my_rabbit-2.x", $" {Address} "));
        using ServiceProvider bad = Application.Build(services => services.AddRpcGen("rabbit"), ("ConnectionStrings:rabbit", "amqp://"));
        using ServiceProvider empty = Application.Build(services => services.AddRpcGen("rabbit"), ("ConnectionStrings:rabbit", " "));
        using ServiceProvider inline = Application.Build(services => services.AddRpcGen("memory://"));

        Assert.Equal("my_rabbit-2.x", good.Get<RpcGenOptions>("").ConnectionString);
        Assert.Equal(Address, good.GetRequiredService<Broker>().Connection.Address);
        Assert.StartsWith("ConnectionStrings:rabbit: ", Assert.Single(bad.Failures()), StringComparison.Ordinal);
        Assert.StartsWith("ConnectionStrings:rabbit is not set", Assert.Single(empty.Failures()), StringComparison.Ordinal);
        Assert.StartsWith("RpcGen:ConnectionString or AddRpcGen's argument: The connection string", Assert.Single(inline.Failures()), StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_is_the_arguments_else_configurations_else_the_keys()
    {
        using ServiceProvider services = Application.Build(
            services =>
            {
                services.AddRpcGen("memory://argument");
                services.AddKeyedRpcGen("a");
                services.AddKeyedRpcGen("b");
                services.AddKeyedRpcGen("c", "memory://argument-c");
            },
            ("RpcGen:ConnectionString", "memory://configured"),
            ("RpcGen:Brokers:a:ConnectionString", "memory://configured-a"),
            ("RpcGen:Brokers:c:ConnectionString", "memory://configured-c"),
            ("ConnectionStrings:b", Address));

        Assert.Equal(
            "memory://argument memory://configured-a b memory://argument-c",
            string.Join(' ', services.Get<RpcGenOptions>("").ConnectionString, services.Get<RpcGenOptions>("a").ConnectionString, services.Get<RpcGenOptions>("b").ConnectionString, services.Get<RpcGenOptions>("c").ConnectionString));
    }

    [Fact]
    public void Without_any_configuration_a_name_cannot_be_looked_up()
    {
        var collection = new ServiceCollection();
        collection.AddRpcGen("rabbit");
        using ServiceProvider services = collection.BuildServiceProvider();

        Assert.Equal(
            ["ConnectionStrings:rabbit can't be looked up: the application has no configuration. Give AddRpcGen an address such as amqp://user:password@localhost:5672/."],
            services.Failures());
    }

    [Fact]
    public void All_errors_are_reported_at_once_and_each_once()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddRpcGen("rabbit", options => options.MaxMessageBytes = 1)
                .AddClient<IOrders>(options => options.Timeout = TimeSpan.Zero)
                .AddClient<IStock>()
                .AddService<IOrders, Orders>(options => options.MaxConcurrentCalls = 0)
                .AddService<IStock>(new Stock(), options => options.Queue = "amq.x"),
            ("RpcGen:StartTimeout", "x"),
            ("RpcGen:Clients:IStock:Queue", "amq.y"),
            ("RpcGen:Clients:IStock:FailFast", "perhaps"));

        string[] failures = services.Failures();

        Assert.Collection(
            failures,
            failure => Assert.StartsWith("RpcGen:StartTimeout is 'x'", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("ConnectionStrings:rabbit is not set", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("RpcGen:MaxMessageBytes ('1') must be", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("AddClient<IOrders>: Timeout must be positive", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("RpcGen:Clients:IStock:FailFast is 'perhaps'", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("RpcGen:Clients:IStock:Queue 'amq.y'", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("AddService<IOrders, Orders>: MaxConcurrentCalls ('0') must be", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("AddService<IStock, Stock>: Queue 'amq.x'", failure, StringComparison.Ordinal));
    }

    [Fact]
    public void Errors_in_defaults_are_reported_for_the_broker_alone()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddRpcGen(Address).AddClient<IOrders>().AddService<IOrders, Orders>(),
            ("RpcGen:Timeout", "-00:00:02"),
            ("RpcGen:GracePeriod", "-00:00:02"),
            ("RpcGen:StartTimeout", "00:00:00"));

        Assert.Equal(["RpcGen:StartTimeout", "RpcGen:Timeout", "RpcGen:GracePeriod"], services.Failures().Select(failure => failure.Split(' ')[0]));
        Assert.Equal("AddClient<IOrders>: Timeout must be positive and at most 49 days, or Timeout.InfiniteTimeSpan.", Assert.Throws<OptionsValidationException>(() => services.Get<RpcClientOptions>("RpcGen.Tests.Hosting.IOrders")).Failures.Single());
    }

    [Fact]
    public void Each_service_needs_a_queue_of_its_own()
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Address).AddService<IOrders, Orders>(options => options.Queue = "stock").AddService<IStock, Stock>();
            services.AddKeyedRpcGen("far", Address).AddService<IOrders, Orders>().AddService<IStock, Stock>();
        });

        Assert.Equal(["IOrders and IStock would be served on one queue, 'stock', and get each other's calls: give each a queue of its own."], services.Failures());
        services.Get<RpcGenOptions>("far");
    }

    [Fact]
    public void A_section_can_be_given()
    {
        IConfiguration own = Application.Configure(("Mine:ConnectionString", Address), ("Mine:MaxConcurrentCalls", "x"), ("RpcGen:ConnectionString", Address), ("RpcGen:Brokers:far:MaxConcurrentCalls", "3"));
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(own.GetSection("Mine"));
            services.AddKeyedRpcGen("far", own, options => options.ConnectionString = Address);
        });

        Assert.StartsWith("Mine:MaxConcurrentCalls is 'x'", Assert.Single(services.Failures()), StringComparison.Ordinal);
        Assert.Equal(3, services.Get<RpcGenOptions>("far").MaxConcurrentCalls);
    }

    [Fact]
    public void A_broker_is_added_with_one_address_and_one_section()
    {
        IConfiguration configuration = Application.Configure();
        var services = new ServiceCollection();
        services.AddRpcGen("memory://a");
        services.AddRpcGen("memory://a");
        services.AddRpcGen(configuration);
        services.AddRpcGen(configuration.GetSection("RpcGen"));
        services.AddKeyedRpcGen("k", "memory://b");
        services.AddKeyedRpcGen("k", configuration.GetSection("Mine"));

        Assert.StartsWith("AddRpcGen was called before with another connection string", Refusal(() => services.AddRpcGen("memory://b")), StringComparison.Ordinal);
        Assert.StartsWith("AddKeyedRpcGen(\"k\") was called before with another connection string", Refusal(() => services.AddKeyedRpcGen("k", "memory://a")), StringComparison.Ordinal);
        Assert.StartsWith("AddRpcGen was called before with the configuration section 'RpcGen', now with 'Other'", Refusal(() => services.AddRpcGen(configuration.GetSection("Other"))), StringComparison.Ordinal);
        Assert.StartsWith("AddKeyedRpcGen(\"k\") was called before with the configuration section 'Mine', now with 'RpcGen:Brokers:k'", Refusal(() => services.AddKeyedRpcGen("k", configuration)), StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_are_checked()
    {
        var services = new ServiceCollection();

        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddRpcGen()).ParamName);
        Assert.Equal("connectionString", Assert.Throws<ArgumentException>(() => services.AddRpcGen(" ")).ParamName);
        Assert.Equal("configuration", Assert.Throws<ArgumentNullException>(() => services.AddRpcGen((IConfiguration)null!)).ParamName);
        Assert.Equal("serviceKey", Assert.Throws<ArgumentException>(() => services.AddKeyedRpcGen(" ")).ParamName);
        Assert.Equal("serviceKey", Assert.Throws<ArgumentException>(() => services.AddKeyedRpcGen(" ", "memory://a")).ParamName);
        Assert.Equal("connectionString", Assert.Throws<ArgumentException>(() => services.AddKeyedRpcGen("k", " ")).ParamName);
        Assert.Equal("serviceKey", Assert.Throws<ArgumentException>(() => services.AddKeyedRpcGen(" ", Application.Configure())).ParamName);
        Assert.Equal("configuration", Assert.Throws<ArgumentNullException>(() => services.AddKeyedRpcGen("k", (IConfiguration)null!)).ParamName);
        Assert.Empty(services);
    }

    [Fact]
    public void Misspelt_keys_are_found_in_every_section()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddRpcGen(Address).AddClient<IOrders>().AddService<IStock, Stock>(),
            ("RpcGen:Prefech", "1"),
            ("RpcGen:Brokers:far:Anything", "1"),
            ("RpcGen:Clients:IOrders:MaxConcurrentCalls", "1"),
            ("RpcGen:Clients:IStock:Unknown", "of no client"),
            ("RpcGen:Services:IStock:Timeout", "1"));

        Assert.Equal(
            ["RpcGen:Prefech", "RpcGen:Clients:IOrders:MaxConcurrentCalls", "RpcGen:Services:IStock:Timeout"],
            services.GetRequiredService<BrokerConfiguration>().FindWarnings().Select(warning => warning.Split(' ')[0]));
        Assert.Empty(new BrokerConfiguration(new BrokerRegistration(null), configuration: null).FindWarnings());
    }

    [Fact]
    public void The_context_of_a_call_is_injected_only_into_calls()
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Address);
            services.AddKeyedRpcGen("far", Address);
        });
        using IServiceScope scope = services.CreateScope();

        Assert.StartsWith("RpcCallContext can be injected only into", Refusal(() => scope.ServiceProvider.GetRequiredService<RpcCallContext>()), StringComparison.Ordinal);
    }

    private static string Refusal(Action action) => Assert.Throws<InvalidOperationException>(action).Message;
}
