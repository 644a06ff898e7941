using RpcGen.Server.Consuming;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>Redelivered requests go back to callers that understand it, instead of running again.</summary>
public sealed class SendingBackTests : ServeLinkTest
{
    private const string Marked = "rpc.cb.~me";
    private const string Batch = """[["0000000000000001","echo",9,{"text":"a"}],["0000000000000002","other",9,{"text":"b"}]]""";

    private readonly List<string> _ran = [];

    [Theory]
    [InlineData("echo", """{"text":"hi"}""")]
    [InlineData("$batch", Batch)]
    public async Task A_redelivered_request_is_sent_back_and_acknowledged(string type, string body)
    {
        await StartAsync();

        Server.Deliver(TestServer.Request(type: type, body: body, replyTo: Marked, isRedelivered: true));

        SentMessage again = await Channel.NextReplyAsync();
        Assert.Equal((Marked, "again", "1", null, ""), (again.RoutingKey, again.Type, again.Id, again.ContentType, again.Body));
        await Server.Link.DrainAsync().Soon();
        Assert.Equal(["publish 1 mandatory", "ack 1"], Channel.Events.Where(text => text.Contains(" 1", StringComparison.Ordinal)));
        Assert.Empty(_ran);
    }

    [Theory]
    [InlineData("rpc.cb.me", "echo", """{"text":"hi"}""", false, false)] // a caller that does not understand
    [InlineData("amq.rabbitmq.reply-to.x", "echo", """{"text":"hi"}""", false, false)]
    [InlineData(Marked, "echo", """{"text":"hi"}""", false, true)]
    [InlineData(Marked, "$batch", """[["0000000000000001","other",9,{"text":"a"}],["0000000000000002","echo",9,{"text":"hi"}]]""", false, true)]
    [InlineData("rpc.cb.me", "$batch", Batch, false, false)]
    public async Task Other_redelivered_requests_run(string replyTo, string type, string body, bool atMostOnce, bool durable)
    {
        await StartAsync(atMostOnce, durable);

        Server.Deliver(TestServer.Request(type: type, body: body, replyTo: replyTo, isRedelivered: true));

        Assert.NotEqual("again", (await Channel.NextReplyAsync()).Type);
        Assert.NotEmpty(_ran);
    }

    [Theory]
    [InlineData("echo", """{"text":"hi"}""")]
    [InlineData("$batch", """[["0000000000000001","echo",9,{"text":"a"}]]""")]
    public async Task A_redelivered_request_that_runs_at_most_once_is_refused(string type, string body)
    {
        await StartAsync(atMostOnce: true);

        Server.Deliver(TestServer.Request(type: type, body: body, replyTo: Marked, isRedelivered: true));

        Assert.Contains("interrupted", (await Channel.NextReplyAsync()).Body, StringComparison.Ordinal);
        Assert.Empty(_ran);
    }

    [Theory]
    [InlineData("$batch", "no batch", "fault")]
    [InlineData("missing", "{}", "fault")]
    [InlineData("$ping", "{}", null)]
    public async Task What_runs_nothing_is_answered_as_usual(string type, string body, string? answer)
    {
        await StartAsync();

        Server.Deliver(TestServer.Request(type: type, body: body, replyTo: Marked, isRedelivered: true));

        Assert.Equal(answer, (await Channel.NextReplyAsync()).Type);
    }

    [Fact]
    public async Task A_handler_sees_that_its_request_may_have_run_before()
    {
        bool? seen = null;
        Server.Serve((text, _) =>
        {
            seen = RpcCallContext.Current!.IsRedelivered;
            return new(text);
        });
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Server.Deliver(TestServer.Request(type: "$batch", body: """[["0000000000000001","echo",9,{"text":"a"}]]""", replyTo: Marked, contentType: "application/json;again=1"));

        await Channel.NextReplyAsync();
        Assert.True(seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_still_runs_here_is_sent_back_once_the_run_is_over(bool isBatch)
    {
        await ServeHeldAsync(Marked);
        Channel.Close();
        await Server.Link.Closed.Soon();
        Server.Link.OnLost(new TransportClosure("gone"));
        await Server.Link.DisposeAsync().Soon();
        var channel = new ScriptedChannel();
        var next = new ServeLink(Server.Settings, Server.Dispatcher, Server.Environment, Server.Drains, Server.Limits, channel);
        await next.StartAsync(hasBroadcasts: false, Cancel).Soon();

        next.OnDelivered(isBatch
            ? TestServer.Request(type: "$batch", body: """[["0000000000000007","echo",9,{"text":"a"}],["1","echo",9,{"text":"b"}]]""", id: "3", replyTo: Marked, isRedelivered: true)
            : TestServer.Request(replyTo: Marked, isRedelivered: true));
        next.OnDelivered(TestServer.Request(type: "$ping", body: "{}", id: "2", tag: 2));

        Assert.Equal("2", (await channel.NextReplyAsync()).Id);
        Release.SetResult();
        Assert.Equal("again", (await channel.NextReplyAsync()).Type);
        await next.DisposeAsync().Soon();
    }

    [Fact]
    public async Task The_wait_for_a_run_ends_with_the_channel()
    {
        await ServeHeldAsync(Marked);
        Channel.Close();
        await Server.Link.Closed.Soon();
        Server.Link.OnLost(new TransportClosure("gone"));
        var channel = new ScriptedChannel();
        var next = new ServeLink(Server.Settings, Server.Dispatcher, Server.Environment, Server.Drains, Server.Limits, channel);
        await next.StartAsync(hasBroadcasts: false, Cancel).Soon();
        next.OnDelivered(TestServer.Request(replyTo: Marked, isRedelivered: true));
        await TaskBounds.Until(() => next.Load.Running == 1);

        channel.Close();

        await TaskBounds.Until(() => next.Load.Running == 0);
        Assert.DoesNotContain("ack 1", channel.Events);
        Release.SetResult();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waited_when_the_server_began_is_sent_back_as_not_run(bool atMostOnce)
    {
        Channel.Ready = 2;
        await StartAsync(atMostOnce);

        Server.Deliver(TestServer.Request(id: "1", tag: 1, replyTo: Marked));
        Server.Deliver(TestServer.Request(id: "2", tag: 2, replyTo: Marked, type: "$batch", body: Batch));
        SentMessage[] back = [await Channel.NextReplyAsync(), await Channel.NextReplyAsync()];
        Server.Deliver(TestServer.Request(id: "3", tag: 3, replyTo: Marked));

        Assert.All(back, message => Assert.Equal(("again", "application/json", """{"ran":false}"""), (message.Type, message.ContentType, message.Body)));
        Assert.Equal("\"hi\"", (await Channel.NextReplyAsync()).Body);
        Assert.Equal(["hi"], _ran);
        await Server.Link.DrainAsync().Soon();
        Assert.Contains("publish 1 mandatory", Channel.Events);
    }

    [Theory]
    [InlineData("rpc.cb.me", false)]
    [InlineData(Marked, true)]
    public async Task What_waited_runs_if_its_caller_does_not_understand_or_is_not_needed(string replyTo, bool durable)
    {
        Channel.Ready = 2;
        await StartAsync(durable: durable);

        Server.Deliver(TestServer.Request(replyTo: replyTo));

        Assert.Equal("\"hi\"", (await Channel.NextReplyAsync()).Body);
    }

    [Fact]
    public async Task After_a_pause_nothing_of_what_waited_is_left()
    {
        Channel.Ready = 9;
        await StartAsync();
        Server.Deliver(TestServer.Request(id: "1", tag: 1, replyTo: Marked));
        Assert.Equal("again", (await Channel.NextReplyAsync()).Type);

        Server.Time.Advance(Backlog.MaxPause + TimeSpan.FromMilliseconds(1));
        Server.Deliver(TestServer.Request(id: "2", tag: 2, replyTo: Marked));

        Assert.Null((await Channel.NextReplyAsync()).Type);
    }

    private async Task StartAsync(bool atMostOnce = false, bool durable = false)
    {
        foreach (string name in (string[])["echo", "other"])
        {
            Server.Serve(
                (text, _) =>
                {
                    lock (_ran)
                    {
                        _ran.Add(text);
                    }

                    return new(text);
                },
                method: json => new TestMethod(json, name) { AtMostOnce = atMostOnce, Durable = durable && name == "echo" });
        }

        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
    }
}
