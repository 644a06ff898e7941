using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Tests.Hosting;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Api;

/// <summary>Options are mutable, and copied when they are used.</summary>
public sealed class OptionsTests
{
    private static readonly IRpcClientInterceptor Client = new Nothing();
    private static readonly NoChecks Checks = new();
    private static readonly IRpcServerInterceptor Server = new Nothing();

    public static IEnumerable<TheoryDataRow<object>> Filled =>
    [
        new(new RpcConnectionOptions
        {
            ConnectionName = "name",
            LoggerFactory = new NullLoggerFactory(),
            JsonContexts = { new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver() },
            MaxMessageBytes = 2000,
            MaxPendingCalls = 7,
            PeerHeartbeat = TimeSpan.FromSeconds(1),
            MaxStreamBufferBytes = 1 << 20,
            Batching = false,
            SendBrokerUser = true,
            ReplyExchange = "rpc.replies",
            ClientInterceptors = { Client },
            ServerInterceptors = { Server },
            Tls =
            {
                CaCertificateFile = "ca",
                CertificateFile = "cert",
                KeyFile = "key",
                Password = "password",
                CertificateThumbprint = "AB",
                ServerName = "name",
                RevocationMode = X509RevocationMode.Online,
                Protocols = SslProtocols.Tls13,
                UseExternalLogin = true,
                OnAuthenticate = (_, _) => { },
            },
            Credentials = _ => ValueTask.FromResult(new RpcCredentials("u", "p")),
            HostSelection = RpcHostSelection.InOrder,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            Heartbeat = TimeSpan.FromSeconds(4),
            Authenticator = Checks,
            Authorizer = Checks,
            TimeProvider = new FakeTimeProvider(),
        }),
        new(new RpcClientOptions { Queue = "q", Exchange = "x", Timeout = TimeSpan.FromSeconds(1), FailFast = true, Batching = false, MaxPendingCalls = 7, MaxKeyedElements = 5, Interceptors = { Client } }),
        new(new RpcServerOptions
        {
            Queue = "q",
            Exchange = "x",
            MaxConcurrentCalls = 2,
            MaxStreams = 3,
            LongCallAfter = TimeSpan.FromSeconds(3),
            MaxLongCalls = 4,
            GracePeriod = TimeSpan.FromSeconds(1),
            QueueType = RpcQueueType.NonDurable,
            MaxPriority = 3,
            QueueExpiresAfter = TimeSpan.FromDays(7),
            DeadLetterQueue = "d",
            UseExistingQueue = true,
            EnableDetailedErrors = true,
            ConsumerTimeout = TimeSpan.FromSeconds(2),
            RejectWhenOverloaded = false,
            MaxTimeout = TimeSpan.FromSeconds(1),
            DescriptionPolicy = "p",
            Discoverable = false,
            Authenticator = Checks,
            Authorizer = Checks,
            MaxKeyedElements = 5,
            Interceptors = { Server },
        }),
    ];

    [Theory]
    [MemberData(nameof(Filled), DisableDiscoveryEnumeration = true)]
    public void A_copy_has_every_setting_and_lists_of_its_own(object filled)
    {
        Type type = filled.GetType();
        AssertCopied(filled, Activator.CreateInstance(type, filled)!, Activator.CreateInstance(type)!);
    }

    private static void AssertCopied(object filled, object copy, object untouched)
    {
        foreach (PropertyInfo property in filled.GetType().GetProperties())
        {
            object? value = property.GetValue(filled);
            if (value is RpcTlsOptions)
            {
                Assert.NotSame(value, property.GetValue(copy));
                AssertCopied(value, property.GetValue(copy)!, property.GetValue(untouched)!);
                continue;
            }

            Assert.NotEqual(property.GetValue(untouched), value); // otherwise it proves nothing
            Assert.Equal(value, property.GetValue(copy));
            Assert.Equal(property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IList<>), !property.CanWrite);
            if (!property.CanWrite)
            {
                Assert.NotSame(value, property.GetValue(copy));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Filled), DisableDiscoveryEnumeration = true)]
    public void They_print_nothing_of_what_they_hold(object filled) => Assert.Equal(filled.GetType().FullName, filled.ToString());

    [Fact]
    public void Nothing_cannot_be_copied()
    {
        Assert.Throws<ArgumentNullException>(() => new RpcConnectionOptions((RpcConnectionOptions)null!));
        Assert.Throws<ArgumentNullException>(() => new RpcTlsOptions(null!));
        Assert.Throws<ArgumentNullException>(() => new RpcClientOptions(null!));
        Assert.Throws<ArgumentNullException>(() => new RpcServerOptions(null!));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Changes_after_use_have_no_effect()
    {
        var log = new List<string>();
        var connectionOptions = new RpcConnectionOptions { ClientInterceptors = { new Recorder(log, "c") }, ServerInterceptors = { new Recorder(log, "s") } };
        await using RpcConnection connection = await RpcConnection.ConnectAsync(Application.NewAddress(), connectionOptions, TestContext.Current.CancellationToken);
        connectionOptions.ClientInterceptors.Clear();
        connectionOptions.ServerInterceptors.Clear();
        connectionOptions.MaxMessageBytes = 1024;

        var serverOptions = new RpcServerOptions { Queue = "first", Interceptors = { new Recorder(log, "own s") } };
        Task<RpcServer> serving = connection.ServeAsync<IOrders>(new Orders(), serverOptions, TestContext.Current.CancellationToken);
        serverOptions.Queue = "second";
        serverOptions.Interceptors.Clear();
        await using RpcServer server = await serving;

        var clientOptions = new RpcClientOptions { Queue = "first", Interceptors = { new Recorder(log, "own c") } };
        IOrders client = connection.CreateClient<IOrders>(clientOptions);
        clientOptions.Queue = "second";
        clientOptions.Timeout = TimeSpan.FromTicks(1);
        clientOptions.Interceptors.Clear();

        string id = new('x', 2000);
        Assert.Equal($"order {id}", await client.GetAsync(id, TestContext.Current.CancellationToken));
        Assert.Equal("first", server.Queue);
        Assert.Equal(["c", "own c", "s", "own s"], log);
    }

    [Fact]
    public async Task Lists_with_null_are_refused()
    {
        Assert.Equal("JsonContexts", (await Assert.ThrowsAsync<ArgumentException>(() => ConnectAsync(new RpcConnectionOptions { JsonContexts = { null! } }))).ParamName);
        Assert.Equal("ClientInterceptors", (await Assert.ThrowsAsync<ArgumentException>(() => ConnectAsync(new RpcConnectionOptions { ClientInterceptors = { null! } }))).ParamName);
        Assert.Equal("ServerInterceptors", (await Assert.ThrowsAsync<ArgumentException>(() => ConnectAsync(new RpcConnectionOptions { ServerInterceptors = { null! } }))).ParamName);
        Assert.Equal("LoggerFactory", (await Assert.ThrowsAsync<ArgumentNullException>(() => ConnectAsync(new RpcConnectionOptions { LoggerFactory = null! }))).ParamName);
        Assert.Equal("TimeProvider", (await Assert.ThrowsAsync<ArgumentNullException>(() => ConnectAsync(new RpcConnectionOptions { TimeProvider = null! }))).ParamName);
        Assert.Equal("MaxMessageBytes", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ConnectAsync(new RpcConnectionOptions { MaxMessageBytes = 1023 }))).ParamName);
        await (await ConnectAsync(new RpcConnectionOptions { MaxMessageBytes = 1024 })).DisposeAsync();
    }

    private static Task<RpcConnection> ConnectAsync(RpcConnectionOptions options) => RpcConnection.ConnectAsync(Application.NewAddress(), options, TestContext.Current.CancellationToken);

    private sealed class NoChecks : IRpcAuthenticator, IRpcAuthorizer
    {
        public ValueTask<System.Security.Claims.ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context) => default;

        public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) => default;
    }

    private sealed class Nothing : IRpcClientInterceptor, IRpcServerInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct => next(call);

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct => next(call);
    }
}
