using RpcGen.Server.Running;
using RpcGen.Tests.Server.Consuming;

namespace RpcGen.Tests.Server.Running;

/// <summary>Which requests start while more come than one place can serve. Callers wait four seconds.</summary>
public sealed class OverloadGuardTests : ServeLinkTest
{
    private ulong _tag;
    private int _runs;

    public OverloadGuardTests() => Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };

    private long SentAt(double waited) => Server.Time.GetUtcNow().AddSeconds(-waited).ToUnixTimeSeconds();

    [Fact]
    public async Task A_request_that_waited_for_more_than_half_of_its_time_is_refused()
    {
        string? last = (await OverloadAsync()).Body;

        Assert.Contains("urn:rpcgen:fault:overloaded", last, StringComparison.Ordinal);
        Assert.Contains("\"retryAfter\":", last, StringComparison.Ordinal);
        Assert.InRange(_runs, 1, 60); // those before the delay of the queue was two seconds
        Assert.Single(Server.Log.Ids, 60);
    }

    [Fact]
    public async Task A_batch_is_refused_as_a_whole()
    {
        await OverloadAsync();

        SentMessage reply = await AskAsync(waited: 3, type: "$batch", body: "this is not even JSON");

        Assert.Contains("urn:rpcgen:fault:overloaded", reply.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("4611686018427387904")]
    public async Task A_caller_with_endless_time_is_answered(string milliseconds)
    {
        await OverloadAsync();

        Assert.Null((await AskAsync(waited: 3, expiration: milliseconds)).Type);
        Assert.StartsWith("[[\"b\",\"hi\"", (await AskAsync(waited: 3, type: "$batch", expiration: milliseconds, body: $$"""[["b","echo",{{milliseconds}},{"text":"hi"}]]""")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_meets_a_free_place_always_starts()
    {
        await OverloadAsync();
        Server.Time.Advance(TimeSpan.FromSeconds(1)); // nothing came: the consumer has credit to spare

        Assert.Null((await AskAsync(waited: 3)).Type);
    }

    [Fact]
    public async Task A_clock_that_is_off_does_not_count_as_a_wait()
    {
        ServeCounting();
        Assert.Null((await AskAsync(waited: 8)).Type); // came at spare credit: the clock is eight seconds behind
        for (int i = 0; i < 20; i++)
        {
            Assert.Null((await AskAsync(waited: 8)).Type);
        }
    }

    [Fact]
    public async Task Callers_without_a_known_clock_are_judged_by_the_queue()
    {
        await OverloadAsync();

        SentMessage reply = await AskAsync(waited: 0, replyTo: "rpc.cb.new");

        Assert.Contains("urn:rpcgen:fault:overloaded", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_way_calls_and_requests_without_a_time_are_not_refused()
    {
        await OverloadAsync();

        Assert.Null((await AskAsync(waited: 3, expiration: null)).Type);
    }

    [Fact]
    public async Task It_can_be_switched_off()
    {
        Server.Settings = Server.Settings with { RejectWhenOverloaded = false };
        await OverloadAsync();

        Assert.Equal(81, _runs);
    }

    [Fact]
    public async Task A_call_of_a_batch_that_waited_too_long_is_dropped_and_logged()
    {
        Server.CallLog.IsOn = true;
        Server.Settings = Server.Settings with { RejectWhenOverloaded = false };
        await OverloadAsync(seconds: 8, expiration: "20000");
        int runs = _runs;

        SentMessage reply = await AskAsync(waited: 8, type: "$batch", expiration: "20000", body: """[["late","echo",1000,{"text":"x"}],["early","echo",20000,{"text":"y"}]]""");

        Assert.Equal("""[["early","y"]]""", reply.Body);
        Assert.Equal(runs + 1, _runs);
        Assert.Contains("late", Server.Log.Text(41), StringComparison.Ordinal);
        Assert.Contains("Call late of queue", Server.CallLog.Text(72), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_finds_no_place_in_time_is_dropped_and_logged()
    {
        Server.CallLog.IsOn = true;
        await ServeHeldAsync();
        Server.Deliver(TestServer.Request(tag: 2, id: "late", expiration: "1000"));
        Server.Time.Advance(TimeSpan.FromSeconds(2));

        Release.SetResult();
        await Server.Link.DrainAsync().Soon();

        Assert.DoesNotContain("publish late", Channel.Events);
        Assert.Contains("Call late of queue", Server.CallLog.Text(72), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 60, 100)]
    [InlineData(1000, 600, 600)]
    public void The_pause_asked_for_is_the_wait_and_at_least_a_tenth_of_a_second(int budget, int waited, int expected)
    {
        ServerCall call = Server.Begin(TestServer.Request(expiration: $"{budget}"));
        Server.Time.Advance(TimeSpan.FromMilliseconds(waited));

        Assert.True(new OverloadGuard(Server.Settings, Server.Environment).Refuses(call, durations: null, out TimeSpan retryAfter));

        Assert.Equal(TimeSpan.FromMilliseconds(expected), retryAfter);
    }

    [Fact]
    public void The_percentile_follows_the_latest_calls()
    {
        var estimate = new DurationEstimate();
        Assert.Equal(0, estimate.P95);
        for (int i = 1; i <= 128; i++)
        {
            estimate.Add(i);
        }

        Assert.InRange(estimate.P95, 118, 124);
        for (int i = 0; i < 128; i++)
        {
            estimate.Add(5);
        }

        Assert.Equal(5, estimate.P95);
    }

    /// <summary>Requests come whose wait grows to some seconds and stays there, as in a queue that gets more than one place can serve.</summary>
    private async Task<SentMessage> OverloadAsync(double seconds = 3, string expiration = "4000")
    {
        ServeCounting();
        SentMessage last = await AskAsync(waited: 0);
        for (int i = 0; i < 20 + (20 * seconds); i++)
        {
            Server.Time.Advance(TimeSpan.FromMilliseconds(50));
            last = await AskAsync(waited: Math.Min(i / 20.0, seconds), expiration: expiration);
        }

        return last;
    }

    private void ServeCounting() => Server.Serve((text, _) =>
    {
        Interlocked.Increment(ref _runs);
        return new(text);
    });

    private async Task<SentMessage> AskAsync(double waited, string replyTo = "rpc.cb.me", string type = "echo", string body = """{"text":"hi"}""", string? expiration = "4000")
    {
        Server.Deliver(TestServer.Request(tag: ++_tag, id: $"{_tag}", timestamp: SentAt(waited), replyTo: replyTo, type: type, body: body, expiration: expiration));
        SentMessage reply = await Channel.NextReplyAsync();
        await Channel.NextAckAsync();
        return reply;
    }
}
