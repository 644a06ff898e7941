using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Requests that break the protocol are refused or dropped.</summary>
public abstract class BadRequestTests(ITestBroker broker) : BadMessageTest(broker)
{
    [Theory]
    [InlineData("{\"text\":\"x\"", "protocol")] // truncated
    [InlineData("", "protocol")]
    [InlineData("[\"x\"]", "protocol")]
    [InlineData("\"x\"", "protocol")]
    [InlineData("null", "protocol")]
    [InlineData("\0\u0001\u0002", "protocol")]
    [InlineData("{\"text\":\"x\"} trailing", "protocol")]
    [InlineData("{\"text\":\"x\",\"text\":\"y\"}", "protocol")] // twice
    [InlineData("{\"text\":{\"a\":1}}", "validation")] // wrong type
    [InlineData("{\"text\":null}", "validation")]
    [InlineData("{}", "validation")]
    [InlineData("{\"Text\":\"x\"}", "validation")] // names are exact
    public async Task A_body_that_is_not_a_request_is_refused(string body, string code)
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, body);

        Received reply = await peer.NextAsync();
        Assert.Equal((code, "1"), (reply.FaultCode, reply.CorrelationId));
        await AssertServingAsync(peer);
    }

    [Fact]
    public async Task A_body_nested_too_deeply_is_refused()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"other\":" + new string('[', 100_000) + new string(']', 100_000) + ",\"text\":\"x\"}");

        Assert.Equal("protocol", (await peer.NextAsync()).FaultCode);
        await AssertServingAsync(peer);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"" + new string('x', 15 * 1024 * 1024) + "\"}");

        Assert.Equal("too-large", (await peer.NextAsync()).FaultCode);
        await AssertServingAsync(peer);
    }

    [Theory]
    [InlineData("Nonsense", "unknown-method")]
    [InlineData("do", "unknown-method")]
    [InlineData(null, "unknown-method")]
    [InlineData("$nothing", "unsupported")]
    [InlineData("$", "unsupported")]
    public async Task An_unknown_method_is_refused(string? type, string code)
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", type);

        Assert.Equal(code, (await peer.NextAsync()).FaultCode);
        await AssertServingAsync(peer);
    }

    [Theory]
    [InlineData("application/xml", false)]
    [InlineData("application/jsonx", false)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("Application/JSON", true)]
    [InlineData("text/plain", true)]
    [InlineData(null, true)]
    public async Task Content_types_other_than_JSON_are_refused(string? contentType, bool isReadable)
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", contentType: contentType);

        Received reply = await peer.NextAsync();
        if (isReadable)
        {
            Assert.Equal((null, "\"x\""), (reply.Type, reply.Body));
        }
        else
        {
            Assert.Equal("protocol", reply.FaultCode);
        }
    }

    [Fact]
    public async Task Unknown_members_are_ignored()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"new\":{\"text\":[1,{}]},\"text\":\"x\",\"text2\":null}", correlationId: null);

        Received reply = await peer.NextAsync();
        Assert.Equal((null, "\"x\"", null), (reply.Type, reply.Body, reply.CorrelationId));
    }

    [Fact]
    public async Task Requests_without_a_valid_reply_address_are_dropped()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        string[] addresses = [Queue, "some.queue", "amq.gen-xyz"];

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: null);
        foreach (string address in addresses)
        {
            await peer.SendAsync(Queue, "{\"text\":\"x\"}", replyTo: address);
        }

        await AssertServingAsync(peer);
        await UntilQueueIsEmptyAsync();
        Assert.Equal(1, Handled);
        Assert.Equal(addresses.Length + 1, Log.Count(41));
    }

    [Fact]
    public async Task A_fault_is_never_much_larger_than_its_request()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await (await ConnectAsync()).ServeAsync<IWarehouse>(new Warehouse(), new RpcServerOptions { Queue = Queue + ".w" }, Cancel);
        string nulls = string.Join(',', Enumerable.Repeat("null", 400_000));

        await peer.SendAsync(Queue + ".w", $$$"""{"shelf":1,"code":"a","shipment":{"customer":"Ada","lines":[{{{nulls}}}]}}""", type: "Place");

        Received reply = await peer.NextAsync();
        Assert.Equal("validation", reply.FaultCode);
        Assert.InRange(reply.Body.Length, 1, 100_000);
        await Broker.DeleteQueueAsync(Queue + ".w");
    }

    [Fact]
    public async Task A_request_with_invalid_Unicode_is_refused()
    {
        await ServeEchoAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"\\ud800\":1}");
        Assert.Equal("protocol", (await peer.NextAsync()).FaultCode);
        await peer.SendAsync(Queue, "{\"text\":\"\\ud800\"}");
        Assert.Equal("validation", (await peer.NextAsync()).FaultCode);
    }

    private async Task AssertServingAsync(RawPeer peer)
    {
        await peer.SendAsync(Queue, "{\"text\":\"still here\"}", correlationId: "2");
        Received reply = await peer.NextAsync();
        Assert.Equal((null, "2", "\"still here\""), (reply.Type, reply.CorrelationId, reply.Body));
    }
}

public sealed class BadRequestTestsInMemory(MemoryBroker broker) : BadRequestTests(broker), IClassFixture<MemoryBroker>;

public sealed class BadRequestTestsOnRabbitMq(SharedRabbit broker) : BadRequestTests(broker);
