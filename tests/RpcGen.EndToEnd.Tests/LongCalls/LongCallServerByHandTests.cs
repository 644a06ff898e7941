using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.LongCalls;

/// <summary>Servers of long calls that are written by hand, and that vanish, fall silent or forget calls.</summary>
public abstract class LongCallServerByHandTests(ITestBroker broker) : LongCallTest(broker)
{
    [Fact]
    public async Task A_long_call_is_served_by_hand()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        Received request = await server.NextAsync();
        Assert.Equal("Run", request.Type);
        Assert.StartsWith("rpc.cb.~", request.ReplyTo, StringComparison.Ordinal);
        await using RawPeer own = await RawPeer.ConnectAsync(Broker);

        await OpenAsync(own, request);
        Received waiting = await own.NextAsync();
        Assert.Equal(("waiting", null), (waiting.Type, waiting.CorrelationId));
        JsonNode body = JsonNode.Parse(waiting.Body)!;
        Assert.Equal($$"""[["{{request.CorrelationId}}","{{request.ReplyTo}}"]]""", body["calls"]!.ToJsonString());
        Assert.Equal(100, body["every"]!.GetValue<int>());
        await SayRunningAsync(own, waiting, request.CorrelationId!);
        Received next = await own.NextAsync(); // it waits on
        Assert.Equal(body["instance"]!.ToString(), JsonNode.Parse(next.Body)!["instance"]!.ToString());
        Assert.True(JsonNode.Parse(next.Body)!["number"]!.GetValue<long>() > body["number"]!.GetValue<long>());
        await own.SendAsync(waiting.ReplyTo!, "\"by hand\"", type: null, request.CorrelationId);

        Assert.Equal("by hand", await running.OrFail());
        await UntilAsync(own, message => JsonNode.Parse(message.Body)!["calls"]!.AsArray().Count == 0); // the server learns that the caller has it
        await UntilForgottenAsync(calling);
    }

    [Fact]
    public async Task A_call_whose_server_has_ended_runs_again()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        Received request = await server.NextAsync();
        RawPeer own = await TakeOverAsync(request);

        await own.DisposeAsync(); // as after kill -9

        Received again = await server.NextAsync();
        Assert.Equal("$batch", again.Type);
        Assert.EndsWith(";again=1", again.ContentType, StringComparison.Ordinal);
        await using RawPeer second = await TakeOverAsync(request with { ReplyTo = again.ReplyTo });
        await AnswerAsync(second, request, "\"second\"");
        Assert.Equal("second", await running.OrFail());
    }

    [Theory]
    [InlineData("Run", false)]
    [InlineData("RunIdempotently", true)]
    [InlineData("RunOnce", false)]
    public async Task A_call_whose_server_falls_silent_runs_again_only_if_it_can(string method, bool runsAgain)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = Call(client, method);
        Received request = await server.NextAsync();
        await using RawPeer own = await TakeOverAsync(request); // says nothing from now on

        await AssertLostAsync(running, server, runsAgain, "is silent");
    }

    [Fact]
    public async Task A_call_that_must_not_run_twice_fails_if_its_server_has_ended()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunOnceAsync("x", Cancel);
        RawPeer own = await TakeOverAsync(await server.NextAsync());

        await own.DisposeAsync();

        await AssertLostAsync(running, server, runsAgain: false, "has ended");
    }

    [Theory]
    [InlineData("Run", false)]
    [InlineData("RunIdempotently", true)]
    public async Task A_call_that_its_server_has_given_up_runs_again_only_if_it_can(string method, bool runsAgain)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = Call(client, method);
        Received request = await server.NextAsync();
        await using RawPeer own = await TakeOverAsync(request);

        Received waiting = await own.NextAsync();
        await own.SendAsync(waiting.ReplyTo!, $$"""{"every":60000,"instance":"server","calls":[],"unknown":["{{request.CorrelationId}}"]}""", "running", correlationId: null);

        await AssertLostAsync(running, server, runsAgain, "has given the call up");
    }

    [Fact]
    public async Task A_request_that_comes_back_is_ignored_once_a_server_has_the_call()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        Received request = await server.NextAsync();
        await using RawPeer before = await RawPeer.ConnectAsync(Broker);
        await OpenAsync(before, request);
        Received waiting = await before.NextAsync();
        await using RawPeer own = await RawPeer.ConnectAsync(Broker);
        await SayRunningAsync(own, waiting, request.CorrelationId!);
        await own.NextAsync(); // the client has read who has the call: it says where it waits

        await server.SendAsync(request.ReplyTo!, "", "again", request.CorrelationId, contentType: null);
        await server.SendAsync(request.ReplyTo!, """{"type":"urn:rpcgen:fault:interrupted","title":"x"}""", "fault", request.CorrelationId, contentType: "application/problem+json");
        await own.SendAsync(waiting.ReplyTo!, "\"first\"", type: null, request.CorrelationId);

        Assert.Equal("first", await running.OrFail());
        Assert.Equal(0, server.ReceivedCount);
    }

    [Fact]
    public async Task A_request_that_comes_back_before_that_is_held_back_until_the_server_has_decided()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, _) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        Received request = await server.NextAsync();
        await using RawPeer own = await RawPeer.ConnectAsync(Broker);
        await OpenAsync(own, request);
        Received waiting = await own.NextAsync();

        await server.SendAsync(request.ReplyTo!, "", "again", request.CorrelationId, contentType: null);
        await own.NextAsync(); // it still waits for this server
        Assert.Equal(0, server.ReceivedCount);
        await own.SendAsync(waiting.ReplyTo!, $$"""{"every":60000,"instance":"server","calls":[],"unknown":["{{request.CorrelationId}}"]}""", "running", correlationId: null);

        Assert.Equal("$batch", (await server.NextAsync()).Type);
        await server.SendAsync(request.ReplyTo!, "\"again\"", type: null, request.CorrelationId);
        Assert.Equal("again", await running.OrFail());
    }

    [Fact]
    public async Task A_server_can_announce_a_call_and_then_answer_it_as_usual()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        Received request = await server.NextAsync();
        await using RawPeer own = await RawPeer.ConnectAsync(Broker);

        await OpenAsync(own, request);
        await server.SendAsync(request.ReplyTo!, "\"quick\"", type: null, request.CorrelationId);

        Assert.Equal("quick", await running.OrFail());
        await UntilForgottenAsync(calling);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"instance":7}""")]
    public async Task An_announcement_that_cannot_be_read_changes_nothing(string body)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        (IErrands client, RpcConnection calling) = await CreateErrandsAsync();
        Task<string> running = client.RunAsync("x", Cancel);
        Received request = await server.NextAsync();

        await server.SendAsync(request.ReplyTo!, body, "open", request.CorrelationId);
        await server.SendAsync(request.ReplyTo!, body, "open", "0123456789abcdef");
        await server.SendAsync(request.ReplyTo!, "\"x\"", type: null, request.CorrelationId);

        Assert.Equal("x", await running.OrFail());
        Assert.False(calling.Streams.LongCalls.IsAny);
    }

    private Task<string> Call(IErrands client, string method) => method switch
    {
        "RunIdempotently" => client.RunIdempotentlyAsync("x", Cancel),
        "RunOnce" => client.RunOnceAsync("x", Cancel),
        _ => client.RunAsync("x", Cancel),
    };

    private static async Task AssertLostAsync(Task<string> running, RawPeer server, bool runsAgain, string says)
    {
        if (runsAgain)
        {
            Received again = await server.NextAsync();
            await server.SendAsync(again.ReplyTo!, "\"again\"", type: null, IdIn(again));
            Assert.Equal("again", await running.OrFail());
        }
        else
        {
            var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => running.OrFail());
            Assert.Contains(says, lost.Message, StringComparison.Ordinal);
            Assert.Equal(RpcExecution.Unknown, lost.Execution);
            Assert.Equal(0, server.ReceivedCount);
        }
    }

    /// <summary>The id of the only call of a batch.</summary>
    private static string IdIn(Received batch) => System.Text.RegularExpressions.Regex.Match(batch.Body, "[0-9a-f]{16}").Value;

    private static ValueTask OpenAsync(RawPeer own, Received request) =>
        own.SendAsync(request.ReplyTo!, """{"every":100,"instance":"server"}""", "open", request.CorrelationId);

    private static ValueTask SayRunningAsync(RawPeer own, Received waiting, string id) =>
        own.SendAsync(waiting.ReplyTo!, $$"""{"every":100,"instance":"server","calls":["{{id}}"],"unknown":[]}""", "running", correlationId: null);

    /// <summary>A server announces a call, and says that it answers it.</summary>
    private async Task<RawPeer> TakeOverAsync(Received request)
    {
        RawPeer own = await RawPeer.ConnectAsync(Broker);
        await OpenAsync(own, request);
        await SayRunningAsync(own, await own.NextAsync(), request.CorrelationId!);
        return own;
    }

    private static async Task AnswerAsync(RawPeer own, Received request, string result) =>
        await own.SendAsync((await own.NextAsync()).ReplyTo!, result, type: null, request.CorrelationId);

    private static async Task UntilAsync(RawPeer peer, Predicate<Received> isIt)
    {
        while (!isIt(await peer.NextAsync()))
        {
        }
    }
}

public sealed class LongCallServerByHandTestsInMemory(MemoryBroker broker) : LongCallServerByHandTests(broker), IClassFixture<MemoryBroker>;

public sealed class LongCallServerByHandTestsOnRabbitMq(SharedRabbit broker) : LongCallServerByHandTests(broker);
