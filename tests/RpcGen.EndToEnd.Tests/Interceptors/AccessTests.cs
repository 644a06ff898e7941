using System.Security.Claims;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interceptors.Examples;

namespace RpcGen.EndToEnd.Tests.Interceptors;

/// <summary>Calls that are refused because of their caller.</summary>
public abstract class AccessTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task Policies_are_enforced_by_the_brokers_user_and_metadata()
    {
        var stock = new Stock();
        await (await ConnectAsync()).ServeAsync<IStock>(stock, new RpcServerOptions(ServerOptions) { Authorizer = new StockPolicies() }, Cancel);
        IStock unknown = (await ConnectAsync()).CreateClient<IStock>(ClientOptions);
        IStock known = (await ConnectAsync(new RpcConnectionOptions { SendBrokerUser = true })).CreateClient<IStock>(ClientOptions);

        RpcAccessDeniedException unauthenticated = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => unknown.CountAsync("nut", Cancel));
        Assert.True(unauthenticated.IsUnauthenticated);
        Assert.Equal("The caller is unknown: set SendBrokerUser.", unauthenticated.Message);
        Assert.Equal(16, unauthenticated.CallId!.Length);
        Assert.Equal(0, stock.Calls);

        Assert.Equal(10, await known.CountAsync("nut", Cancel));
        RpcAccessDeniedException denied = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => known.With(metadata: new() { ["reason"] = "x" }).TakeAsync("nut", 1, Cancel));
        Assert.False(denied.IsUnauthenticated);
        Assert.Contains("'write'", denied.Message, StringComparison.Ordinal);
        Assert.Equal(1, stock.Calls);
        Assert.Equal(2, Log.Count(49));
    }

    [Fact]
    public async Task Policies_that_nobody_would_look_at_keep_a_server_from_starting()
    {
        RpcConnection connection = await ConnectAsync();

        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ServeAsync<IStock>(new Stock(), ServerOptions, Cancel));

        Assert.Contains("[RpcAuthorize(\"read\")]", refused.Message, StringComparison.Ordinal);
        Assert.Contains("RpcServerOptions.Authorizer", refused.Message, StringComparison.Ordinal);
        Assert.Null(await Broker.FindQueueAsync(Queue));
    }

    [Fact]
    public async Task Who_may_not_call_runs_no_code_of_the_service()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authorizer = vault }, Cancel);
        int validations = Valuable.Validations;
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, """{"valuable":{"name":"n","content":""}}""", type: "Store");
        Assert.Equal("unauthenticated", (await peer.NextAsync()).FaultCode);
        await peer.SendAsync(Queue, "no JSON", type: "Store");
        Assert.Equal("unauthenticated", (await peer.NextAsync()).FaultCode);
        Assert.Equal((0, validations), (vault.Runs, Valuable.Validations));
    }

    /// <summary>The body is not JSON: reading it would give another fault.</summary>
    [Fact]
    public async Task A_large_body_of_a_refused_caller_is_not_parsed()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authorizer = vault }, Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, $$"""{"valuable":{"name":"{{new string('x', 10_000_000)}}","content":"no end""", type: "Store");

        Assert.Equal("unauthenticated", (await peer.NextAsync()).FaultCode);
    }

    [Fact]
    public async Task Callers_who_have_to_be_known_are_known_by_user_or_token()
    {
        await (await ConnectAsync()).ServeAsync<IClub>(new Club(), new RpcServerOptions(ServerOptions) { Authenticator = new Tokens() }, Cancel);
        IClub unknown = (await ConnectAsync()).CreateClient<IClub>(ClientOptions);
        IClub user = (await ConnectAsync(new RpcConnectionOptions { SendBrokerUser = true })).CreateClient<IClub>(ClientOptions);

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => unknown.EnterAsync(Cancel));
        Assert.True(refused.IsUnauthenticated);
        Assert.Equal("'Enter' was refused: only known callers can call it.", refused.Message);
        Assert.Equal("from outside", await unknown.LookAsync(Cancel));
        Assert.Equal("ann", await unknown.With(metadata: new() { ["token"] = "ann" }).EnterAsync(Cancel));
        Assert.NotEqual("ann", await user.EnterAsync(Cancel));
        RpcAccessDeniedException forged = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => user.With(metadata: new() { ["token"] = "forged" }).LookAsync(Cancel));
        Assert.Equal(("The token is forged.", RpcExecution.NotStarted), (forged.Message, forged.Execution));
    }

    [Fact]
    public async Task Each_call_of_a_batch_is_checked_by_itself()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authorizer = vault }, Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, """[["1","Open",30000,{"key":"k"}],["2","WhoAmI",30000,{}]]""", type: "$batch");

        string replies = "";
        while (!(replies.Contains("[\"1\"", StringComparison.Ordinal) && replies.Contains("[\"2\"", StringComparison.Ordinal)))
        {
            replies += (await peer.NextAsync()).Body;
        }

        Assert.Contains("urn:rpcgen:fault:unauthenticated", replies, StringComparison.Ordinal);
        Assert.Contains("[\"2\",null", replies, StringComparison.Ordinal);
        Assert.Equal(0, vault.Runs);
    }

    [Fact]
    public async Task One_way_calls_and_broadcasts_are_checked_too()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authorizer = vault }, Cancel);
        IVault unknown = (await ConnectAsync()).CreateClient<IVault>(ClientOptions);

        await unknown.ForgetAsync("k", Cancel);
        await unknown.LockAsync("x", Cancel);

        await Wait.UntilAsync(() => Log.Count(49) == 2, "both were refused");
        Assert.Equal(0, vault.Runs);
    }

    /// <summary>A dead-letter exchange that an operator sets up does not keep the caller's user either: repeat such requests as a user who may make them.</summary>
    [Fact]
    public async Task A_request_that_was_dead_lettered_is_anonymous()
    {
        string first = Queue + ".first";
        await Broker.DeclareQueueAsync(first, deadLetterQueue: Queue);
        await (await ConnectAsync()).ServeAsync<IVault>(new Vault(), new RpcServerOptions { Queue = first, UseExistingQueue = true, Authorizer = new Vault { Admin = "nobody" } }, Cancel);
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authorizer = new AnyUser() }, Cancel);
        IVault client = (await ConnectAsync(new RpcConnectionOptions { SendBrokerUser = true })).CreateClient<IVault>(new RpcClientOptions { Queue = first });

        await client.ForgetAsync("k", Cancel);

        await Wait.UntilAsync(() => Log.Count(49) == 2, "both servers refused it");
        Assert.Equal((0, 1), (vault.Runs, Log.Count(52)));
        await Broker.DeleteQueueAsync(first);
    }

    [Fact]
    public async Task A_check_that_fails_is_a_failure_of_the_server()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authenticator = new Broken(), Authorizer = vault }, Cancel);
        IVault client = (await ConnectAsync()).CreateClient<IVault>(ClientOptions);

        RpcRemoteException failed = await Assert.ThrowsAsync<RpcRemoteException>(() => client.OpenAsync("k", Cancel));

        Assert.Equal(("internal", RpcExecution.NotStarted, 0), (failed.Code, failed.Execution, vault.Runs));
        Assert.Equal(1, Log.Count(40));
    }

    [Fact]
    public async Task Handlers_may_refuse_too_but_a_nested_refusal_is_their_own_failure()
    {
        ITroublemaker? nested = null;
        await ServeAsync(async (text, token) => text == "nested"
            ? await nested!.DoAsync("own", token)
            : throw new RpcAccessDeniedException("Not you.", new InvalidOperationException("Secret.")));
        nested = await CreateClientAsync();
        ITroublemaker client = await CreateClientAsync();

        RpcAccessDeniedException own = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => client.DoAsync("own", Cancel));
        Assert.Equal(("Not you.", false, true), (own.Message, own.IsUnauthenticated, own.InnerException is null));
        Assert.Equal("internal", (await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("nested", Cancel))).Code);
    }

    [Fact]
    public async Task On_the_wire_they_are_faults_with_codes_of_their_own()
    {
        await ServeAsync((text, _) => throw new RpcAccessDeniedException("No.") { IsUnauthenticated = text == "who" });
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, """{"text":"who"}""");
        Assert.Equal("unauthenticated", (await peer.NextAsync()).FaultCode);
        await peer.SendAsync(Queue, """{"text":"what"}""");
        Received denied = await peer.NextAsync();
        Assert.Equal("permission-denied", denied.FaultCode);
        Assert.Equal("""{"type":"urn:rpcgen:fault:permission-denied","title":"The call was refused.","detail":"No.","ran":true}""", denied.Body);
    }

    /// <summary>Takes the metadata entry "token" for the caller's name.</summary>
    private sealed class Tokens : IRpcAuthenticator
    {
        public ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context)
        {
            if (!context.Metadata.TryGetValue("token", out string? name))
            {
                return default;
            }

            return name != "forged"
                ? new(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "token")))
                : throw new RpcAccessDeniedException("The token is forged.") { IsUnauthenticated = true };
        }
    }

    private sealed class Broken : IRpcAuthenticator
    {
        public ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context) => throw new InvalidOperationException("The token service is down.");
    }

    private sealed class AnyUser : IRpcAuthorizer
    {
        public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) => new(context.BrokerUser is not null);
    }
}

public sealed class AccessTestsInMemory(MemoryBroker broker) : AccessTests(broker), IClassFixture<MemoryBroker>;

public sealed class AccessTestsOnRabbitMq(SharedRabbit broker) : AccessTests(broker);
