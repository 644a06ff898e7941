using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RpcGen.Tests.Hosting;

/// <summary>Options of clients and services are named options, filled from configuration before code.</summary>
public sealed class NamedOptionsTests
{
    private const string Orders = "RpcGen.Tests.Hosting.IOrders";

    [Fact]
    public void Configure_reaches_a_service_and_a_client_by_the_contracts_full_name()
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Application.NewAddress()).AddClient<IOrders>().AddService<IOrders, Orders>();
            services.Configure<RpcServerOptions>(Orders, options => options.MaxConcurrentCalls = 3);
            services.Configure<RpcClientOptions>(Orders, options => options.FailFast = true);
        });

        Assert.Equal(3, services.Get<RpcServerOptions>(Orders).MaxConcurrentCalls);
        Assert.True(services.Get<RpcClientOptions>(Orders).FailFast);
        Assert.Null(services.Get<RpcClientOptions>("RpcGen.Tests.Hosting.IStock").FailFast);
    }

    [Fact]
    public void The_names_of_a_keyed_brokers_options_start_with_its_key()
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Application.NewAddress(), options => options.MaxConcurrentCalls = 2).AddService<IOrders, Orders>();
            services.AddKeyedRpcGen("far", Application.NewAddress(), options => options.MaxConcurrentCalls = 5).AddService<IOrders, Orders>().AddClient<IOrders>();
            services.Configure<RpcServerOptions>($"far:{Orders}", options => options.Queue = "far.orders");
            services.Configure<RpcClientOptions>($"far:{Orders}", options => options.Queue = "far.orders");
        });

        Assert.Equal(("far.orders", 5), (services.Get<RpcServerOptions>($"far:{Orders}").Queue, services.Get<RpcServerOptions>($"far:{Orders}").MaxConcurrentCalls));
        Assert.Equal("far.orders", services.Get<RpcClientOptions>($"far:{Orders}").Queue);
        Assert.Equal((null, 2), (services.Get<RpcServerOptions>(Orders).Queue, services.Get<RpcServerOptions>(Orders).MaxConcurrentCalls));
    }

    [Fact]
    public void Configure_without_a_name_reaches_every_contract_once()
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Application.NewAddress()).AddClient<IOrders>().AddService<IOrders, Orders>(options => options.MaxConcurrentCalls *= 10).AddService<IStock, Stock>();
            services.ConfigureAll<RpcServerOptions>(options => options.MaxConcurrentCalls++);
            services.Configure<RpcServerOptions>(options => options.MaxConcurrentCalls = 2);
            services.Configure<RpcClientOptions>(options => options.FailFast = true);
        });

        Assert.Equal(21, services.Get<RpcServerOptions>(Orders).MaxConcurrentCalls);
        Assert.Equal(3, services.Get<RpcServerOptions>("RpcGen.Tests.Hosting.IStock").MaxConcurrentCalls);
        Assert.True(services.Get<RpcClientOptions>(Orders).FailFast);
    }

    [Fact]
    public void ConfigureAll_PostConfigure_and_Validate_work_as_everywhere()
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Application.NewAddress()).AddService<IOrders, Orders>(options => options.MaxConcurrentCalls = 3).AddService<IStock, Stock>();
            services.PostConfigure<RpcServerOptions>(Orders, options => options.MaxConcurrentCalls *= 10);
            services.ConfigureAll<RpcServerOptions>(options => options.MaxConcurrentCalls++);
            services.AddOptions<RpcServerOptions>(Orders).Validate(options => options.MaxConcurrentCalls < 40, "too many");
        });

        Assert.Equal("too many", Assert.Single(services.Failures()));
        Assert.Equal(65, services.Get<RpcServerOptions>("RpcGen.Tests.Hosting.IStock").MaxConcurrentCalls);
    }

    [Fact]
    public void Configuration_comes_first_wherever_the_code_stands()
    {
        using ServiceProvider services = Application.Build(
            services =>
            {
                services.ConfigureAll<RpcServerOptions>(options => options.MaxConcurrentCalls = 11);
                services.ConfigureAll<RpcClientOptions>(options => options.Queue += ".early");
                services.ConfigureAll<RpcGenOptions>(options => options.ConnectionName += " early");
                services.AddRpcGen(Application.NewAddress()).AddClient<IOrders>(options => options.Queue += ".late").AddService<IOrders, Orders>();
            },
            ("RpcGen:ConnectionName", "configured"),
            ("RpcGen:Clients:IOrders:Queue", "configured"),
            ("RpcGen:Services:IOrders:MaxConcurrentCalls", "12"),
            ("RpcGen:Services:IOrders:MaxPriority", "4"));

        Assert.Equal("configured early", services.Get<RpcGenOptions>("").ConnectionName);
        Assert.Equal("configured.early.late", services.Get<RpcClientOptions>(Orders).Queue);
        Assert.Equal((11, 4), (services.Get<RpcServerOptions>(Orders).MaxConcurrentCalls, services.Get<RpcServerOptions>(Orders).MaxPriority));
    }

    [Fact]
    public void Calls_for_the_same_contract_add_up()
    {
        using ServiceProvider services = Application.Build(services =>
        {
            services.AddRpcGen(Application.NewAddress()).AddClient<IOrders>(options => options.Queue = "a").AddService<IOrders, Orders>(options => options.Queue = "a");
            services.AddRpcGen().AddClient<IOrders>(options => options.Queue += "b").AddService<IOrders, Orders>(options => options.Queue += "b");
        });

        Assert.Equal("ab", services.Get<RpcClientOptions>(Orders).Queue);
        Assert.Equal("ab", services.Get<RpcServerOptions>(Orders).Queue);
        Assert.Single(services.GetServices<IOrders>());
    }

    [Fact]
    public void Options_of_no_contract_are_left_alone()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddRpcGen(Application.NewAddress(), options => options.MaxConcurrentCalls = 0).AddClient<IOrders>(),
            ("RpcGen:Timeout", "00:00:01"));

        Assert.Equal(64, services.Get<RpcServerOptions>(Orders).MaxConcurrentCalls);
        Assert.Equal(64, services.GetRequiredService<IOptions<RpcServerOptions>>().Value.MaxConcurrentCalls);
        Assert.Null(services.GetRequiredService<IOptions<RpcClientOptions>>().Value.Timeout);
    }

    [Fact]
    public void The_defaults_of_a_broker_hold_for_all_its_contracts()
    {
        using ServiceProvider services = Application.Build(services => services
            .AddRpcGen(Application.NewAddress(), options =>
            {
                options.Timeout = TimeSpan.FromSeconds(7);
                options.FailFast = true;
                options.MaxConcurrentCalls = 8;
                options.GracePeriod = TimeSpan.FromSeconds(9);
                options.QueueType = RpcQueueType.Quorum;
                options.UseExistingQueue = true;
                options.EnableDetailedErrors = true;
            })
            .AddClient<IOrders>().AddService<IOrders, Orders>());

        Assert.Equivalent(new RpcClientOptions { Timeout = TimeSpan.FromSeconds(7), FailFast = true }, services.Get<RpcClientOptions>(Orders), strict: true);
        Assert.Equivalent(
            new RpcServerOptions { MaxConcurrentCalls = 8, GracePeriod = TimeSpan.FromSeconds(9), QueueType = RpcQueueType.Quorum, UseExistingQueue = true, EnableDetailedErrors = true },
            services.Get<RpcServerOptions>(Orders),
            strict: true);
    }

    [Fact]
    public void Every_key_of_a_section_is_read()
    {
        using ServiceProvider services = Application.Build(
            services => services.AddRpcGen().AddClient<IOrders>().AddService<IOrders, Orders>(),
            ("RpcGen:ConnectionString", "memory://every-key"),
            ("RpcGen:ConnectionName", "name"),
            ("RpcGen:MaxMessageBytes", "2048"),
            ("RpcGen:Batching", "false"),
            ("RpcGen:SendBrokerUser", "true"),
            ("RpcGen:ReplyExchange", "rpc.replies"),
            ("RpcGen:StartTimeout", "00:00:03"),
            ("RpcGen:RequireBroker", "true"),
            ("RpcGen:Timeout", "00:00:04"),
            ("RpcGen:FailFast", "true"),
            ("RpcGen:MaxConcurrentCalls", "5"),
            ("RpcGen:GracePeriod", "00:00:06"),
            ("RpcGen:QueueType", "nondurable"),
            ("RpcGen:UseExistingQueue", "true"),
            ("RpcGen:EnableDetailedErrors", "true"),
            ("RpcGen:Clients:IOrders:Queue", "q1"),
            ("RpcGen:Clients:IOrders:Exchange", "x1"),
            ("RpcGen:Clients:IOrders:Timeout", "infinite"),
            ("RpcGen:Clients:IOrders:FailFast", "false"),
            ("RpcGen:Clients:IOrders:Batching", "true"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:Queue", "q2"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:Exchange", "x2"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:MaxConcurrentCalls", "7"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:GracePeriod", "00:00:08"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:QueueType", "Classic"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:MaxPriority", "9"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:QueueExpiresAfter", "7.00:00:00"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:DeadLetterQueue", "q2.dead"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:UseExistingQueue", "false"),
            ("RpcGen:Services:RpcGen.Tests.Hosting.IOrders:EnableDetailedErrors", "false"));

        Assert.Equivalent(
            new RpcGenOptions
            {
                ConnectionString = "memory://every-key",
                ConnectionName = "name",
                MaxMessageBytes = 2048,
                Batching = false,
                SendBrokerUser = true,
                ReplyExchange = "rpc.replies",
                StartTimeout = TimeSpan.FromSeconds(3),
                RequireBroker = true,
                Timeout = TimeSpan.FromSeconds(4),
                FailFast = true,
                MaxConcurrentCalls = 5,
                GracePeriod = TimeSpan.FromSeconds(6),
                QueueType = RpcQueueType.NonDurable,
                UseExistingQueue = true,
                EnableDetailedErrors = true,
            },
            services.Get<RpcGenOptions>(""),
            strict: true);
        Assert.Equivalent(
            new RpcClientOptions { Queue = "q1", Exchange = "x1", Timeout = Timeout.InfiniteTimeSpan, FailFast = false, Batching = true },
            services.Get<RpcClientOptions>(Orders),
            strict: true);
        Assert.Equivalent(
            new RpcServerOptions { Queue = "q2", Exchange = "x2", MaxConcurrentCalls = 7, GracePeriod = TimeSpan.FromSeconds(8), QueueType = RpcQueueType.Classic, MaxPriority = 9, QueueExpiresAfter = TimeSpan.FromDays(7), DeadLetterQueue = "q2.dead" },
            services.Get<RpcServerOptions>(Orders),
            strict: true);
    }
}
