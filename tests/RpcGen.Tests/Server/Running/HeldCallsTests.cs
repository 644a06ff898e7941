using System.Text;
using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Server.Running;
using RpcGen.Tests.Server.Consuming;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

/// <summary>Requests that are held for almost as long as the broker's <c>consumer_timeout</c>: 100 s here, so that calls are given up after 80 s.</summary>
public sealed class HeldCallsTests : ServeLinkTest
{
    private static readonly JsonEncodedText Echo = JsonEncodedText.Encode("echo");

    private readonly TaskCompletionSource<string> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _tokenFired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _started = new(0);

    public HeldCallsTests() => Server.Settings = Server.Settings with { ConsumerTimeout = TimeSpan.FromSeconds(100), MaxConcurrentCalls = 2 };

    [Fact]
    public async Task A_call_is_answered_and_acknowledged_before_the_broker_would_give_it_to_a_server_again()
    {
        await RunAsync(TestServer.Request(tag: 5, expiration: "1000000"));
        Server.Time.Advance(TimeSpan.FromSeconds(79));
        Assert.False(_tokenFired.Task.IsCompleted);

        Server.Time.Advance(TimeSpan.FromSeconds(2));

        SentMessage reply = await Channel.NextReplyAsync();
        Assert.Equal("fault", reply.Type);
        Assert.Contains("urn:rpcgen:fault:interrupted", reply.Body, StringComparison.Ordinal);
        Assert.Contains("consumer_timeout", reply.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"ran\"", reply.Body, StringComparison.Ordinal);
        Assert.Equal((5UL, false), await Channel.NextAckAsync());
        await _tokenFired.Task.Soon();
        Assert.Contains("given up after 8", Server.Log.Text(57), StringComparison.Ordinal);
        _result.SetResult("late");
        await Server.Link.DrainAsync().Soon();
        Assert.Equal(["publish 1", "ack 5"], Channel.Events.Where(what => what.StartsWith("publish", StringComparison.Ordinal) || what.StartsWith("ack", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Each_call_is_given_up_at_its_own_time()
    {
        await RunAsync(TestServer.Request(tag: 1, id: "1", expiration: "1000000"));
        Server.Time.Advance(TimeSpan.FromSeconds(10));
        await RunAsync(TestServer.Request(tag: 2, id: "2", expiration: "1000000"));
        Server.Time.Advance(TimeSpan.FromSeconds(10));
        Server.Deliver(TestServer.Request(tag: 3, id: "3", expiration: "1000000")); // waits for a place
        for (int id = 1; id <= 3; id++)
        {
            Server.Time.Advance(TimeSpan.FromSeconds(id == 1 ? 61 : 10));
            Assert.Equal($"{id}", (await Channel.NextReplyAsync()).Id);
        }

        _result.SetResult("late");
        await Server.Link.DrainAsync().Soon();
        Assert.Equal(3, Channel.Events.Count(what => what.StartsWith("publish", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_one_way_call_is_rejected()
    {
        await RunAsync(TestServer.Request(tag: 6, replyTo: null), oneWay: true);

        Server.Time.Advance(TimeSpan.FromSeconds(81));
        await _tokenFired.Task.Soon();
        _result.SetResult("late");
        await Server.Link.DrainAsync().Soon();

        Assert.Equal(["reject 6"], Channel.Events.Where(what => !what.StartsWith("cancel", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Calls_that_wait_for_a_place_are_given_up_too_and_did_not_run()
    {
        await RunAsync(TestServer.Request(tag: 1, id: "1", expiration: "1000000"));
        await RunAsync(TestServer.Request(tag: 2, id: "2", expiration: "1000000"));
        Server.Deliver(TestServer.Request(tag: 3, id: "3", expiration: "1000000"));

        Server.Time.Advance(TimeSpan.FromSeconds(81));

        SentMessage[] replies = [await Channel.NextReplyAsync(), await Channel.NextReplyAsync(), await Channel.NextReplyAsync()];
        Assert.Contains("\"ran\":false", replies.Single(reply => reply.Id == "3").Body, StringComparison.Ordinal);
        _result.SetResult("late");
        await Server.Link.DrainAsync().Soon();
        Assert.Equal(0, _started.CurrentCount);
        Assert.Equal(3, Channel.Events.Count(what => what.StartsWith("publish", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_calls_of_a_batch_are_given_up_and_acknowledged_together()
    {
        var body = new PooledBuffer();
        BatchWriter.WriteRequest(body, new CorrelationId("a"), Echo, 1_000_000, """{"text":"x"}"""u8, null, null);
        BatchWriter.WriteRequest(body, new CorrelationId("b"), Echo, 1_000_000, """{"text":"x"}"""u8, null, null);
        Serve(oneWay: false);
        Server.Deliver(TestServer.Request(type: WireNames.Batch, id: "batch", tag: 9, body: Encoding.UTF8.GetString(body.Written.Span), expiration: "1000000"));
        await _started.WaitAsync(Cancel);
        await _started.WaitAsync(Cancel);

        Server.Time.Advance(TimeSpan.FromSeconds(81));

        for (int given = 0; given < 2;) // in one message, unless a worker sends the first one before the second is there
        {
            given += (await Channel.NextReplyAsync()).Body.Split("fault:interrupted").Length - 1;
        }

        Assert.Equal((9UL, false), await Channel.NextAckAsync());
        _result.SetResult("late");
        await Server.Link.DrainAsync().Soon();
    }

    [Fact]
    public async Task A_call_that_answers_in_time_is_left_alone()
    {
        await RunAsync(TestServer.Request(tag: 5, expiration: "1000000"));
        Server.Time.Advance(TimeSpan.FromSeconds(70));
        _result.SetResult("in time");
        Assert.Equal("\"in time\"", (await Channel.NextReplyAsync()).Body);
        await Server.Link.DrainAsync().Soon();

        Server.Time.Advance(TimeSpan.FromSeconds(70));

        Assert.DoesNotContain(57, Server.Log.Ids);
    }

    [Fact]
    public void The_limit_is_the_one_that_the_broker_names()
    {
        TransportClosure closure = TransportClosure.ByBroker(406, "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 2000 ms. This timeout value can be configured, see consumers doc guide to learn more");

        Assert.False(Server.Limit.TryLearn(TransportClosure.ByBroker(406, "PRECONDITION_FAILED - unknown delivery tag 1")));
        Assert.Equal(TimeSpan.FromSeconds(80), Server.Limit.LongestHold);
        Assert.True(Server.Limit.TryLearn(closure));
        Assert.Equal(TimeSpan.FromSeconds(1.6), Server.Limit.LongestHold);
    }

    [Fact]
    public void Without_a_limit_nothing_is_given_up() =>
        Assert.Equal(long.MaxValue, new ConsumerLimit(Timeout.InfiniteTimeSpan, Server.Time).EndOfHold(1));

    private void Serve(bool oneWay) => Server.Serve(
        async (text, token) =>
        {
            await using CancellationTokenRegistration registration = token.Register(() => _tokenFired.TrySetResult());
            _started.Release();
            return await _result.Task; // ignores its token
        },
        method: json => new TestMethod(json, "echo") { OneWay = oneWay });

    private async Task RunAsync(IncomingMessage request, bool oneWay = false)
    {
        if (Server.Handlers.Count == 0)
        {
            Serve(oneWay);
        }

        Server.Deliver(request);
        await _started.WaitAsync(Cancel);
    }
}
