using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Clients and servers of calls with progress that follow the protocol, break it, or do not know progress. They are written by hand.</summary>
public abstract class ProgressByHandTests(ITestBroker broker) : ProgressTest(broker)
{
    [Fact]
    public async Task A_client_by_hand_gets_what_it_grants_then_the_latest_value()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, progress, token) =>
        {
            progress!.Report(Step(0, 2000));
            await go.Task.WaitAsync(token);
            for (int i = 1; i < 100; i++)
            {
                progress.Report(Step(i));
            }

            all.SetResult();
            return name;
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, """{"name":"x"}""", "Run", contentType: "application/json;window=1000");
        Received open = await client.NextAsync();
        Assert.Equal(("open", """{"every":5000}"""), (open.Type, open.Body));
        Received first = await client.NextAsync();
        Assert.Equal("item:progress", first.Type); // one message more than the window
        go.SetResult();
        await all.Task.OrFail();
        await client.SayAsync(open, "grant:progress", """{"bytes":100000}""");

        Received end = await client.NextAsync();
        if (end.Type == "item:progress")
        {
            Assert.Equal("""[{"number":99,"text":"step 99"}]""", end.Body);
            end = await client.NextAsync();
        }
        else
        {
            Assert.Equal("""[{"number":99,"text":"step 99"}]""", end.Body);
        }

        Assert.Equal("end:progress", end.Type);
        Received result = await client.NextAsync();
        Assert.Equal((null, "\"x\""), (result.Type, result.Body));
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_know_progress_gets_one_reply()
    {
        await ServeAsync((_, progress, _) => Task.FromResult(progress is null ? "none" : "some"));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, """{"name":"x","progress":[]}""", "Run");

        Received result = await client.NextAsync();
        Assert.Equal((null, "\"none\"", null), (result.Type, result.Body, result.ReplyTo));
    }

    [Fact]
    public async Task A_client_can_refuse_progress_while_the_call_goes_on()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, progress, token) =>
        {
            if (name == "behind")
            {
                token.Register(go.SetResult);
                await Task.Delay(Timeout.Infinite, token);
            }

            progress!.Report(Step(0));
            await go.Task.WaitAsync(token);
            progress.Report(Step(1));
            return name;
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Run", contentType: "application/json;window=1000");
        Received open = await client.NextAsync();
        Assert.Equal("item:progress", (await client.NextAsync()).Type);

        await client.SendAsync(Queue, """{"name":"behind"}""", "Run", "2", contentType: "application/json;window=1000");
        Received behind = await client.NextAsync();

        await client.SayAsync(open, "cancel:progress", "");
        await client.SayAsync(behind, "cancel", "");

        Assert.Equal((null, "\"x\""), ((await client.NextAsync()) is var result ? result.Type : "", result.Body));
    }

    [Theory]
    [InlineData("grant:progress", """{"bytes":-1}""", "grant cannot be read")]
    [InlineData("grant:others", """{"bytes":1}""", "no progress 'others'")]
    [InlineData("item:progress", "[]", "no stream 'progress'")]
    public async Task A_client_that_breaks_the_rules_is_told_and_the_handler_ends(string type, string body, string says)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, _, token) =>
        {
            token.Register(ended.SetResult);
            await Task.Delay(Timeout.Infinite, token);
            return name;
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Run", contentType: "application/json;window=1000");
        Received open = await client.NextAsync();

        await client.SayAsync(open, type, body, 0);

        Received fault = await client.NextAsync();
        Assert.Equal("protocol", fault.FaultCode);
        Assert.Contains(says, System.Text.Json.Nodes.JsonNode.Parse(fault.Body)!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        await ended.Task.OrFail();
    }

    [Fact]
    public async Task A_server_that_does_not_know_progress_answers_with_one_reply()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>();
        Task<string> running = client.RunAsync("x", seen, Cancel);
        Received request = await server.NextAsync();
        Assert.Matches(@"^application/json;window=4096;beat=5000$", request.ContentType);
        Assert.Equal("""{"name":"x"}""", request.Body);

        await server.SendAsync(request.ReplyTo!, "\"plain\"", type: null, request.CorrelationId, replyTo: null);

        Assert.Equal("plain", await running.OrFail());
        Assert.Empty(seen.Values);
    }

    [Fact]
    public async Task A_server_by_hand_reports()
    {
        (Received request, RawPeer stream, Task<string> running, Collector<Step> seen) = await CallAsync();
        await using RawPeer _ = stream;

        await stream.SayAsync(request, "open", """{"every":5000}""");
        await stream.SayAsync(request, "item:progress", $$"""[{"number":0,"text":"{{new string('x', 4000)}}"}]""", 0);
        Received grant = await stream.NextAsync();
        Assert.Equal(("grant:progress", $$"""{"bytes":{{4096 + 4024 + 256}}}"""), (grant.Type, grant.Body));
        await stream.SayAsync(request, "end:progress", """[{"number":1,"text":"b"}]""", 1);
        await stream.SayAsync(request, null, "\"by hand\"");

        Assert.Equal("by hand", await running.OrFail());
        Assert.Equal([0, 1], seen.Values.Select(step => step.Number));
    }

    [Fact]
    public async Task Progress_of_a_newer_contract_is_refused_once_and_the_call_goes_on()
    {
        (Received request, RawPeer stream, Task<string> running, Collector<Step> seen) = await CallAsync();
        await using RawPeer _ = stream;

        await stream.SayAsync(request, "item:others", "[1]", 0);
        Received refusal = await stream.NextAsync();
        await stream.SayAsync(request, "item:others", "[2]", 1);
        await stream.SayAsync(request, "end:progress", """[{"number":1,"text":"a"}]""", 0);
        await stream.SayAsync(request, null, "\"by hand\"");

        Assert.Equal("by hand", await running.OrFail());
        Assert.Equal(("cancel:others", 0), (refusal.Type, stream.ReceivedCount));
        Assert.Equal([1], seen.Values.Select(step => step.Number));
    }

    [Theory]
    [InlineData(null, "\"x\"", null, "the progress 'progress' has no end")]
    [InlineData("item:progress", "[1", 0, "cannot be read")]
    [InlineData("item:progress", """[{"number":1,"text":"a"}]""", 1, "item 1 where item 0")]
    [InlineData("fault:progress", "{}", 0, "no progress 'progress'")]
    [InlineData("grant:progress", "{}", null, "no stream 'progress'")]
    public async Task A_server_that_breaks_the_rules_fails_the_call(string? type, string body, int? number, string says)
    {
        (Received request, RawPeer stream, Task<string> running, Collector<Step> seen) = await CallAsync();
        await using RawPeer _ = stream;

        await stream.SayAsync(request, type, body, number);

        var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => running.OrFail());
        Assert.Contains(says, broken.Message, StringComparison.Ordinal);
        Assert.Empty(seen.Values);
    }

    [Fact]
    public async Task More_than_was_granted_fails_the_call_after_what_was_received()
    {
        (Received request, RawPeer stream, Task<string> running, Collector<Step> seen) = await CallAsync(_ => SpinWait.SpinUntil(() => false, 100));
        await using RawPeer _ = stream;
        string large = $$"""[{"number":1,"text":"{{new string('x', 5000)}}"}]""";

        await stream.SayAsync(request, "item:progress", large, 0);
        await stream.SayAsync(request, "item:progress", large, 1);
        await stream.SayAsync(request, "item:progress", large, 2);

        var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => running.OrFail());
        Assert.Contains("more than it was granted", broken.Message, StringComparison.Ordinal);
        Assert.InRange(seen.Values.Length, 1, 2);
    }

    [Fact]
    public async Task An_idempotent_call_whose_server_is_lost_before_a_value_is_sent_again()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        IJobs client = await CreateClientAsync(new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromMilliseconds(100) });
        var seen = new Collector<Step>();
        Task<string> running = client.RunIdempotentlyAsync("x", seen, Cancel);
        Received first = await server.NextAsync();
        RawPeer stream = await RawPeer.ConnectAsync(Broker);
        await stream.SayAsync(first, "open", """{"every":60000}""");
        Assert.Equal("beat", (await stream.NextAsync()).Type); // the client knows who has its call

        await stream.DisposeAsync(); // as after kill -9

        Received second = await server.NextAsync();
        Assert.NotEqual(first.CorrelationId, second.CorrelationId);
        await server.SendAsync(second.ReplyTo!, "\"again\"", type: null, second.CorrelationId, replyTo: null);
        Assert.Equal("again", await running.OrFail());
    }

    [Fact]
    public async Task What_a_client_sends_to_an_ended_call_of_its_own_process_does_not_harm_its_own_call()
    {
        (Received request, RawPeer stream, Task<string> running, _) = await CallAsync();
        await using RawPeer __ = stream;
        await stream.SayAsync(request, "open", """{"every":5000}""");

        // From the client's own queue, as if its process had served the call.
        await stream.SendAsync(request.ReplyTo!, """{"bytes":1000}""", "grant:progress", request.CorrelationId, replyTo: request.ReplyTo);
        await stream.SendAsync(request.ReplyTo!, "", "cancel:progress", request.CorrelationId, replyTo: request.ReplyTo);
        await stream.SayAsync(request, "end:progress", """[{"number":1,"text":"a"}]""", 0);
        await stream.SayAsync(request, null, "\"by hand\"");

        Assert.Equal("by hand", await running.OrFail());
    }

    private async Task<(Received Request, RawPeer Stream, Task<string> Running, Collector<Step> Seen)> CallAsync(Action<Step>? onReport = null)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>(onReport);
        Task<string> running = client.RunAsync("x", seen, Cancel);
        return (await server.NextAsync(), await RawPeer.ConnectAsync(Broker), running, seen);
    }
}

public sealed class ProgressByHandTestsInMemory(MemoryBroker broker) : ProgressByHandTests(broker), IClassFixture<MemoryBroker>;

public sealed class ProgressByHandTestsOnRabbitMq(SharedRabbit broker) : ProgressByHandTests(broker);
