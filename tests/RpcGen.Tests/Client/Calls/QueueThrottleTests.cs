using Microsoft.Extensions.Time.Testing;
using RpcGen.Client;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Runtime;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Calls to overloaded servers that are refused before they are sent.</summary>
public sealed class QueueThrottleTests : ClientFixture
{
    private const string Overloaded = """{"type":"urn:rpcgen:fault:overloaded","title":"t","detail":"d","retryAfter":250}""";

    private static readonly RpcUnavailableException Refusal = new("refused", "q") { RetryAfter = TimeSpan.FromMilliseconds(250) };

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(0, 20, 0)]
    [InlineData(10, 10, 0)]
    [InlineData(10, 29, 0.475)]
    [InlineData(0, 99, 0.99)]
    public void It_refuses_what_is_sent_beyond_twice_what_is_answered(int answered, int refused, double expected)
    {
        var throttle = new QueueThrottle(_time);
        Repeat(answered, () => throttle.Note(null));
        Repeat(refused, () => throttle.Note(refused == 20 ? new RpcTimeoutException("late") : Refusal));

        Assert.Equal(expected > 0, Refuses(throttle, Math.Max(0, expected - 0.01)));
        Assert.False(expected < 0.9 && Refuses(throttle, expected + 0.03));
    }

    [Fact]
    public void Nothing_is_refused_ten_seconds_after_the_last_fault()
    {
        var throttle = new QueueThrottle(_time);
        Repeat(50, () => throttle.Note(Refusal));
        Assert.True(Refuses(throttle, 0.5));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(Refuses(throttle, 0.5));

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(Refuses(throttle, 0));
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, false)]
    [InlineData(1000, false)]
    public void What_is_older_than_ten_seconds_does_not_count(int seconds, bool counts)
    {
        var throttle = new QueueThrottle(_time);
        Refuses(throttle, 0);
        Repeat(50, () => throttle.Note(null));
        for (int i = 0; i < seconds; i += Math.Min(seconds, 8))
        {
            _time.Advance(TimeSpan.FromSeconds(Math.Min(seconds - i, 8)));
            Refuses(throttle, 0);
        }

        Repeat(20, () => throttle.Note(Refusal));

        Assert.Equal(!counts, Refuses(throttle, 0.5));
    }

    [Fact]
    public void A_refused_call_counts_as_sent_and_not_answered()
    {
        var throttle = new QueueThrottle(_time);
        throttle.Note(Refusal);
        Assert.False(Refuses(throttle, 0.6)); // 1 of 2
        Assert.True(Refuses(throttle, 0.4));

        Assert.True(Refuses(throttle, 0.6)); // 2 of 3
    }

    [Fact]
    public void Lost_connections_and_cancelled_calls_say_nothing_about_load()
    {
        var throttle = new QueueThrottle(_time);
        throttle.Note(Refusal);
        Repeat(2, () => throttle.Note(null));
        Repeat(50, () => throttle.Note(new RpcConnectionException("lost")));
        Repeat(50, () => throttle.Note(new OperationCanceledException()));

        Assert.False(Refuses(throttle, 0));
    }

    [Fact]
    public async Task Calls_to_an_overloaded_queue_fail_before_they_are_sent_and_others_do_not()
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(), new ClientSettings());
        for (int i = 0; i < 3; i++)
        {
            Task<int> call = caller.CallAsync(RpcCallOptions.None, 7, Cancel).AsTask();
            if (call.IsCompleted)
            {
                break;
            }

            Channel.Reply(Channel.All[^1], Overloaded, type: "fault", contentType: "application/problem+json");
            Assert.Equal(TimeSpan.FromMilliseconds(250), (await Fails<RpcUnavailableException>(call)).RetryAfter);
        }

        int sent = Channel.All.Length;
        RpcUnavailableException throttled = await Fails<RpcUnavailableException>(caller.CallAsync(RpcCallOptions.None, 7, Cancel).AsTask()); // the fixture's random numbers are near 0

        Assert.Equal((RpcUnavailableReason.Overloaded, RpcExecution.NotStarted, TimeSpan.FromMilliseconds(250)), (throttled.Reason, throttled.Execution, throttled.RetryAfter));
        Assert.Equal(sent, Channel.All.Length);
        RpcCaller<int, int> other = Caller(new TestMethod<int>(), new ClientSettings { Queue = "other" });
        _ = other.CallAsync(RpcCallOptions.None, 7, Cancel).AsTask();
        Assert.Equal(sent + 1, Channel.All.Length);
    }

    private bool Refuses(QueueThrottle throttle, double random) => throttle.Refuses(_time.GetTimestamp(), new FixedRandom(random));

    private static void Repeat(int count, Action action)
    {
        for (int i = 0; i < count; i++)
        {
            action();
        }
    }

    private sealed class FixedRandom(double value) : IRandomSource
    {
        public ulong NextBits() => (ulong)(value * ulong.MaxValue);
    }
}
