using System.Text.Json;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Replies that break the protocol fail one call at most.</summary>
public abstract class BadReplyTests(ITestBroker broker) : BadMessageTest(broker)
{
    [Theory]
    [InlineData("{\"detail\":\"\\ud800\"}")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"type\":\"urn:rpcgen:fault:validation\",\"errors\":{\"\\ud800\":[\"\\ud800\"]}}")]
    public async Task A_fault_with_invalid_Unicode_fails_its_call(string fault)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.With(timeout: Timeout.InfiniteTimeSpan).DoAsync("x", Cancel);

        await ReplyAsync(server, await server.NextAsync(), fault, "fault");

        await Assert.ThrowsAnyAsync<RpcException>(() => call.OrFail());
    }

    [Fact]
    public async Task Replies_that_no_call_waits_for_are_dropped()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        Received request = await server.NextAsync();

        await ReplyAsync(server, request with { CorrelationId = "0123456789abcdef" }, "\"unknown\"");
        await ReplyAsync(server, request with { CorrelationId = "no number" }, "\"no number\"");
        await ReplyAsync(server, request with { CorrelationId = null }, "\"nothing\"");
        await ReplyAsync(server, request, "\"right\"");
        await ReplyAsync(server, request, "\"duplicate\"");

        Assert.Equal("right", await call.OrFail());
        Task<string> next = client.DoAsync("y", Cancel);
        await ReplyAsync(server, await server.NextAsync(), "\"next\"");
        Assert.Equal("next", await next.OrFail());
        Assert.Equal(4, Log.Count(20));
    }

    [Fact]
    public async Task Replies_beyond_the_limit_of_a_batch_are_dropped()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("x", Cancel);
        Received request = await server.NextAsync();
        string others = string.Concat(Enumerable.Repeat("[\"0\"],", 4096));

        await ReplyAsync(server, request with { CorrelationId = "other" }, $"[{others}[\"{request.CorrelationId}\",\"beyond\"]]", "$batch");
        await ReplyAsync(server, request, "\"right\"");

        Assert.Equal("right", await call.OrFail());
    }

    [Theory]
    [InlineData("{", null)]
    [InlineData("", null)]
    [InlineData("42", null)]
    [InlineData("\"x\"", "item")]
    [InlineData("{", "fault")]
    [InlineData("[]", "fault")]
    public async Task An_unreadable_reply_fails_only_its_call(string body, string? type)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> broken = client.DoAsync("x", Cancel);
        Received first = await server.NextAsync();
        Task<string> fine = client.DoAsync("y", Cancel);
        Received second = await server.NextAsync();

        await ReplyAsync(server, first, body, type);
        await ReplyAsync(server, second, "\"fine\"");

        await Assert.ThrowsAsync<RpcProtocolException>(() => broken.OrFail());
        Assert.Equal("fine", await fine.OrFail());
    }

    [Fact]
    public async Task A_type_named_by_a_fault_is_never_created()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoWithQuotaAsync("x", Cancel);
        string body = JsonSerializer.Serialize(new { type = "urn:rpcgen:fault:System.OutOfMemoryException", detail = "d", exception = "System.OutOfMemoryException" });

        await ReplyAsync(server, await server.NextAsync(), body, "fault");

        Assert.Equal("System.OutOfMemoryException", (await Assert.ThrowsAsync<RpcRemoteException>(() => call.OrFail())).Code);
    }
}

public sealed class BadReplyTestsInMemory(MemoryBroker broker) : BadReplyTests(broker), IClassFixture<MemoryBroker>;

public sealed class BadReplyTestsOnRabbitMq(SharedRabbit broker) : BadReplyTests(broker);
