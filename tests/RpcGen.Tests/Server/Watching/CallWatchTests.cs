using System.Text;
using System.Text.Json;
using RpcGen.Server.Watching;

namespace RpcGen.Tests.Server.Watching;

/// <summary>Those who watch an instance are told of the calls that end, and of nothing else.</summary>
public sealed class CallWatchTests : CallWatchTest
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task An_ended_call_is_told_without_its_content()
    {
        await ServeEchoAsync();
        string instance = JsonElement.Parse((await WatchAsync()).Body).GetProperty("instance").GetProperty("id").GetString()!;

        Assert.Equal("\"secret\"", (await CallAsync("secret", "7")).Body);
        SentMessage told = await NextEventsAsync();

        Assert.Equal((Eye, "events", "w", "application/json"), (told.RoutingKey, told.Type, told.Id, told.ContentType));
        JsonElement root = JsonElement.Parse(told.Body);
        Assert.Equal((instance, 0), (root.GetProperty("instance").GetString(), root.GetProperty("omitted").GetInt64()));
        JsonElement ended = Assert.Single(root.GetProperty("events").EnumerateArray());
        Assert.Equal(["id", "method", "outcome", "code", "ms", "waited", "redelivered", "trace", "at"], ended.EnumerateObject().Select(member => member.Name));
        Assert.Equal($$"""{"id":"7","method":"echo","outcome":"answered","code":null,"ms":0,"waited":0,"redelivered":false,"trace":null,"at":{{Server.Time.GetUtcNow().Subtract(CallWatches.Interval).ToUnixTimeMilliseconds()}}}""", ended.GetRawText());
        Assert.DoesNotContain("secret", told.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"text":"throw"}""", "echo", "faulted", "internal", true)]
    [InlineData("""{"text":"cancel"}""", "echo", "faulted", "cancelled", true)] // the handler cancelled something of its own
    [InlineData("{", "echo", "refused", "protocol", false)]
    [InlineData("{}", "<img src=x>", "refused", "unknown-method", false)]
    public async Task Failures_have_a_code_and_no_text(string body, string method, string outcome, string code, bool hasRun)
    {
        await ServeEchoAsync();
        await WatchAsync();

        Server.Deliver(TestServer.Request(type: method, body: body, tag: NextTag(), isRedelivered: true, headers: new Dictionary<string, object?> { ["traceparent"] = Encoding.UTF8.GetBytes($"00-{Trace}-b7ad6b7169203331-01") }));
        Assert.Equal("fault", (await Channel.NextReplyAsync()).Type);
        SentMessage told = await NextEventsAsync();

        JsonElement ended = Assert.Single(JsonElement.Parse(told.Body).GetProperty("events").EnumerateArray());
        Assert.Equal((method, outcome, code), (Text(ended, "method"), Text(ended, "outcome"), Text(ended, "code")));
        Assert.Equal((true, Trace, hasRun), (ended.GetProperty("redelivered").GetBoolean(), Text(ended, "trace"), ended.GetProperty("ms").ValueKind == JsonValueKind.Number));
        Assert.DoesNotContain("secret", told.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_its_caller_cancels_is_told()
    {
        await ServeHeldAsync();
        await WatchAsync();
        Server.Time.Advance(TimeSpan.FromMilliseconds(40));

        SendCancel("rpc.cb.me", "1");
        Release.SetResult();
        await TaskBounds.Until(() => Server.Link.Load.Running == 0);
        JsonElement ended = Assert.Single(JsonElement.Parse((await NextEventsAsync()).Body).GetProperty("events").EnumerateArray());

        Assert.Equal(("cancelled", "cancelled", 40), (Text(ended, "outcome"), Text(ended, "code"), ended.GetProperty("ms").GetInt32()));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("00-\u0000\u0000")]
    public async Task A_trace_that_is_none_is_not_told(string parent)
    {
        await ServeEchoAsync();
        await WatchAsync();

        Server.Deliver(TestServer.Request(tag: NextTag(), headers: new Dictionary<string, object?> { ["traceparent"] = Encoding.UTF8.GetBytes(parent) }));
        await Channel.NextReplyAsync();

        Assert.Equal(JsonValueKind.Null, Assert.Single(JsonElement.Parse((await NextEventsAsync()).Body).GetProperty("events").EnumerateArray()).GetProperty("trace").ValueKind);
    }

    [Fact]
    public async Task A_message_has_at_most_so_many_events()
    {
        await ServeEchoAsync();
        await WatchAsync();

        for (int i = 0; i <= CallWatch.MaxPerMessage; i++)
        {
            await CallAsync("x", $"{i}");
        }

        Assert.Equal(CallWatch.MaxPerMessage, CountOf(await NextEventsAsync()));
        Assert.Equal(1, CountOf(await Channel.NextReplyAsync()));
    }

    [Theory]
    [InlineData("""{"failures":true,"later":[1]}""", "2,4")]
    [InlineData("""{"method":"echo"}""", "1,2,3")]
    [InlineData("""{"method":"echo","failures":true}""", "2")]
    [InlineData("""{"trace":"0af7651916cd43dd8448eb211c80319c"}""", "3")]
    [InlineData("{}", "1,2,3,4")]
    public async Task A_filter_says_which_calls_are_told(string filter, string ids)
    {
        await ServeEchoAsync();
        await WatchAsync(body: filter);

        await CallAsync("fine", "1");
        await CallAsync("throw", "2");
        Server.Deliver(TestServer.Request(id: "3", tag: NextTag(), headers: new Dictionary<string, object?> { ["traceparent"] = Encoding.UTF8.GetBytes($"00-{Trace}-b7ad6b7169203331-01") }));
        await Channel.NextReplyAsync();
        Server.Deliver(TestServer.Request(id: "4", type: "nope", tag: NextTag()));
        await Channel.NextReplyAsync();

        Assert.Equal(ids, string.Join(',', JsonElement.Parse((await NextEventsAsync()).Body).GetProperty("events").EnumerateArray().Select(ended => Text(ended, "id"))));
    }

    [Fact]
    public async Task Questions_are_no_calls()
    {
        await ServeEchoAsync();
        await WatchAsync();

        await AskAsync("$ping", "p");
        Server.Deliver(TestServer.Request(id: "q", type: "$stats", tag: NextTag()));
        await Channel.NextReplyAsync();
        Server.Deliver(TestServer.Request(id: "q", type: "$later", tag: NextTag()));
        await Channel.NextReplyAsync();
        await CallAsync("x", "1");

        Assert.Equal(1, CountOf(await NextEventsAsync()));
    }
}
