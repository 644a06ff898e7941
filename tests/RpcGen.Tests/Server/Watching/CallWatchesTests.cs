using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Replying;
using RpcGen.Server.Watching;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Watching;

/// <summary>What watching costs, and what bounds it.</summary>
public sealed class CallWatchesTests
{
    private readonly ManualTime _time = new();
    private readonly CallWatches _watches;

    public CallWatchesTests() => _watches = new CallWatches(new RpcEnvironment(_time, new CountingRandom(), new ListLog())) { Instance = "i" };

    [Fact]
    public async Task While_nobody_watches_there_is_no_timer()
    {
        await _watches.FlushAsync();
        Assert.Equal((null, true), (_watches.Active, _time.HasNoTimer));

        Assert.True(Add("rpc.cb.1", TimeSpan.FromSeconds(1)));
        Assert.Equal(CallWatches.Interval, await _time.NextTimerAsync());
        Assert.True(Add("rpc.cb.2", TimeSpan.FromSeconds(2)));
        Assert.True(_time.HasNoTimer);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(_watches.Active!);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_watches.Active);

        Assert.True(Add("rpc.cb.1", TimeSpan.FromSeconds(1)));
        Assert.Equal(CallWatches.Interval, await _time.NextTimerAsync());
    }

    [Fact]
    public void Beyond_the_limit_of_a_second_events_are_only_counted()
    {
        var watch = new CallWatch("rpc.cb.1");

        Fill(watch, CallWatch.MaxPerSecond + 10, second: 1);
        Assert.Equal((CallWatch.MaxPerSecond, 10), Drain(watch));
        Fill(watch, 1, second: 1);
        Assert.Equal((0, 1), Drain(watch));
        Fill(watch, 1, second: 2);

        Assert.Equal((1, 0), Drain(watch));
        Assert.False(watch.HasNews);
    }

    [Fact]
    public void Events_that_cannot_be_sent_do_not_pile_up()
    {
        var watch = new CallWatch("rpc.cb.1");

        for (long second = 1; second <= 10; second++)
        {
            Fill(watch, 100, second);
        }

        Assert.Equal((CallWatch.MaxPerSecond, 1_000 - CallWatch.MaxPerSecond), Drain(watch));
    }

    [Fact]
    public void A_message_that_a_peer_fills_stays_small()
    {
        var watch = new CallWatch("rpc.cb.1");
        string longest = new('\u0001', 255);
        for (int i = 0; i < CallWatch.MaxPerMessage; i++)
        {
            watch.Add(Event(longest + i, longest), second: 1);
        }

        var body = new PooledBuffer();
        Assert.Equal(CallWatch.MaxPerMessage, watch.WriteNext(body, "i", out _));

        Assert.InRange(body.Length, 1, CallEventReader.MaxBytes);
        Assert.Equal(CallWatch.MaxPerMessage, CallEventReader.TryRead(body.Written, _ => new RpcServiceInstance())!.Events.Length);
        body.Release();
    }

    [Fact]
    public async Task What_a_lost_link_does_not_take_is_counted_on_the_next_one()
    {
        var lost = new ScriptedChannel();
        lost.Close();
        _watches.SetSender(SenderOf(lost));
        Assert.True(Add("rpc.cb.1", TimeSpan.FromSeconds(9)));
        _watches.Note(_watches.Active!, Event("1", "a"));
        _watches.Note(_watches.Active!, Event("2", "a"));
        await _watches.FlushAsync();
        var next = new ScriptedChannel();
        _watches.SetSender(SenderOf(next));

        _watches.Note(_watches.Active!, Event("3", "a"));
        await _watches.FlushAsync();

        SentMessage told = await next.NextReplyAsync();
        Assert.Equal((2, "3"), (JsonElement.Parse(told.Body).GetProperty("omitted").GetInt32(), JsonElement.Parse(told.Body).GetProperty("events")[0].GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_broker_that_takes_nothing_holds_up_neither_calls_nor_the_end()
    {
        var stuck = new ScriptedChannel { Before = _ => new TaskCompletionSource().Task };
        _watches.SetSender(SenderOf(stuck));
        Assert.True(Add("rpc.cb.1", TimeSpan.FromSeconds(60)));
        await _time.NextTimerAsync();
        for (int i = 0; i < 5; i++)
        {
            _watches.Note(_watches.Active!, Event($"{i}", "a"));
            _time.Advance(CallWatches.Interval);
        }

        Task flushing = _watches.FlushAsync();
        await _time.NextTimerAsync();
        _time.Advance(TimeSpan.FromSeconds(3));

        await flushing.Soon();
    }

    [Fact]
    public async Task Text_that_is_no_Unicode_is_replaced()
    {
        var channel = new ScriptedChannel();
        _watches.SetSender(SenderOf(channel));
        Assert.True(Add("rpc.cb.1", TimeSpan.FromSeconds(9)));

        _watches.Note(_watches.Active!, Event("\ud800", "\udfff\u0000\""));
        await _watches.FlushAsync();

        Assert.Equal("\ufffd\0\"", JsonElement.Parse((await channel.NextReplyAsync()).Body).GetProperty("events")[0].GetProperty("method").GetString());
    }

    private bool Add(string asker, TimeSpan lifetime) => _watches.TryAdd(asker, new CorrelationId("w"), new RpcWatchFilter(), lifetime);

    private ReplySender SenderOf(ScriptedChannel channel) => new(channel, new RpcEnvironment(_time, new CountingRandom(), new ListLog()), "q", "");

    private static void Fill(CallWatch watch, int count, long second)
    {
        for (int i = 0; i < count; i++)
        {
            watch.Add(Event($"{i}", "a"), second);
        }
    }

    private static (int Events, long Omitted) Drain(CallWatch watch)
    {
        (int events, long omitted) = (0, 0);
        var body = new PooledBuffer();
        while (watch.WriteNext(body, "i", out _) > 0)
        {
            JsonElement root = JsonElement.Parse(body.Written.Span);
            events += root.GetProperty("events").GetArrayLength();
            omitted += root.GetProperty("omitted").GetInt64();
            body.Reset();
        }

        body.Release();
        return (events, omitted);
    }

    private static CallEvent Event(string id, string method) =>
        new(new CorrelationId(id), method, RpcCallOutcome.Answered, Code: null, TimeSpan.FromMilliseconds(1), TimeSpan.Zero, IsRedelivered: false, Trace: null, DateTimeOffset.UnixEpoch);
}
