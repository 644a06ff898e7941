using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Context;

/// <summary>What a handler can learn about its call.</summary>
public abstract class CallContextTests(ITestBroker broker) : FailureTest(broker)
{
    /// <summary>A connection string for <paramref name="user"/>, who exists on the broker.</summary>
    protected abstract string UrlOf(string user);

    [Fact]
    public async Task Method_remaining_time_and_call_id_are_known()
    {
        RpcCallContext? seen = null;
        await ServeAsync(async (_, token) =>
        {
            seen = RpcCallContext.Current;
            Assert.InRange(seen!.Remaining, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(40));
            await Task.Yield();
            Assert.Same(seen, RpcCallContext.Current);
            Assert.True(token.CanBeCanceled);
            return seen.CallId!;
        });
        ITroublemaker client = (await CreateClientAsync()).With(timeout: TimeSpan.FromSeconds(40));

        string callId = await client.DoAsync("", Cancel);

        Assert.Equal(16, callId.Length);
        Assert.Equal(("Do", false, null, 0), (seen!.Method.Name, seen.IsRedelivered, seen.BrokerUser, seen.Priority));
        Assert.Empty(seen.Metadata);
    }

    [Fact]
    public async Task The_brokers_user_is_known_if_the_caller_sends_it()
    {
        await ServeAsync((_, _) => Task.FromResult(RpcCallContext.Current!.BrokerUser ?? "(nobody)"));
        await using RpcConnection connection = await RpcConnection.ConnectAsync(UrlOf("guest"), new RpcConnectionOptions { SendBrokerUser = true }, Cancel);
        ITroublemaker known = connection.CreateClient<ITroublemaker>(ClientOptions);

        Assert.Equal("guest", await known.DoAsync("", Cancel));
        Assert.Equal("guest", await known.DoAsync("", Cancel));
        Assert.Equal("(nobody)", await (await CreateClientAsync()).DoAsync("", Cancel));
    }

    [Fact]
    public async Task Headers_that_are_not_text_are_ignored()
    {
        await ServeAsync((_, _) => Task.FromResult(string.Join(' ', RpcCallContext.Current!.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))));
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, """{"text":""}""", headers: new Dictionary<string, object?>
        {
            ["tenant"] = "acme",
            ["TENANT"] = "other",
            ["number"] = 7,
            ["nothing"] = null,
            ["yes"] = true,
            ["no text"] = new byte[] { 0xC3, 0x28 },
            ["traceparent"] = "no trace at all",
            ["tracestate"] = "\u0001",
            ["baggage"] = "%%%,=",
            ["x-death"] = "x",
            ["RPCGEN-future"] = "x",
        });

        Assert.Equal("\"[TENANT, other] [tenant, acme]\"", (await peer.NextAsync()).Body);
    }

    [Fact]
    public async Task Every_call_has_its_own_context()
    {
        await ServeAsync(async (text, _) =>
        {
            await Task.Yield();
            RpcCallContext.Current!.ReplyMetadata["echo"] = RpcCallContext.Current.Metadata["say"];
            return text;
        });
        ITroublemaker client = await CreateClientAsync();

        RpcMetadata[] replies = [.. Enumerable.Range(0, 200).Select(_ => new RpcMetadata())];
        await Task.WhenAll(replies.Select((reply, i) =>
            client.With(metadata: new() { ["say"] = i.ToString(CultureInfo.InvariantCulture) }, replyMetadata: reply).DoAsync("", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 200).Select(i => i.ToString(CultureInfo.InvariantCulture)), replies.Select(reply => reply["echo"]));
    }
}

public sealed class CallContextTestsInMemory(MemoryBroker broker) : CallContextTests(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task In_memory_the_connection_string_names_the_user()
    {
        await ServeAsync((_, _) => Task.FromResult(RpcCallContext.Current!.BrokerUser ?? "(nobody)"));
        await using RpcConnection connection = await RpcConnection.ConnectAsync(UrlOf("alice"), new RpcConnectionOptions { SendBrokerUser = true }, Cancel);

        Assert.Equal("alice", await connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("", Cancel));
    }

    protected override string UrlOf(string user) => Broker.Url.Replace("memory://", $"memory://{user}@", StringComparison.Ordinal);
}

public sealed class CallContextTestsOnRabbitMq(SharedRabbit broker) : CallContextTests(broker)
{
    protected override string UrlOf(string user) => Broker.Url;
}
