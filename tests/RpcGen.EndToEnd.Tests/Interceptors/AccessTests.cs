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
        await (await ConnectAsync()).ServeAsync<IStock>(stock, new RpcServerOptions(ServerOptions) { Interceptors = { new StockPolicies() } }, Cancel);
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
        Assert.Contains("RpcServerOptions.Interceptors", refused.Message, StringComparison.Ordinal);
        Assert.Null(await Broker.FindQueueAsync(Queue));
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
}

public sealed class AccessTestsInMemory(MemoryBroker broker) : AccessTests(broker), IClassFixture<MemoryBroker>;

public sealed class AccessTestsOnRabbitMq(SharedRabbit broker) : AccessTests(broker);
