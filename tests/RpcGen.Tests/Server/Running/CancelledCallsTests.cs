using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

public sealed class CancelledCallsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<(string ReplyTo, string Id)> _asked = [];
    private readonly CancelledCalls _calls;
    private bool _isRunning;

    public CancelledCallsTests() => _calls = new CancelledCalls(_time, (replyTo, id) =>
    {
        _asked.Add((replyTo, id.ToString()!));
        return _isRunning;
    });

    [Fact]
    public void Without_cancels_nothing_is_found()
    {
        Assert.False(_calls.TryTake("me", new CorrelationId("1")));
        Assert.False(_calls.TryTake(null, new CorrelationId("1")));
    }

    [Fact]
    public void A_call_that_is_here_is_cancelled_at_once_and_not_remembered()
    {
        _isRunning = true;

        _calls.Add("me", "1", expiration: null);

        Assert.Equal([("me", "1")], _asked);
        Assert.False(_calls.TryTake("me", new CorrelationId("1")));
    }

    [Fact]
    public void A_call_that_comes_later_is_found_once()
    {
        _calls.Add("me", "1", expiration: null);

        Assert.True(_calls.TryTake("me", new CorrelationId("1")));
        Assert.False(_calls.TryTake("me", new CorrelationId("1")));
    }

    [Fact]
    public void Reply_address_and_id_must_both_match()
    {
        _calls.Add("me", "1", expiration: null);

        Assert.False(_calls.TryTake("you", new CorrelationId("1")));
        Assert.False(_calls.TryTake("me", new CorrelationId("2")));
        Assert.False(_calls.TryTake(null, new CorrelationId("1")));
        Assert.False(_calls.TryTake("me", default));
        Assert.True(_calls.TryTake("me", new CorrelationId("1")));
    }

    [Fact]
    public void Numbers_are_found_by_their_text()
    {
        _calls.Add("me", "00000000000000ff", expiration: null);

        Assert.True(_calls.TryTake("me", new CorrelationId(255)));
    }

    [Theory]
    [InlineData(null, 60_000)]
    [InlineData("soon", 60_000)]
    [InlineData("500", 500)]
    public void A_cancel_is_remembered_for_the_time_it_says_or_a_minute(string? expiration, int milliseconds)
    {
        Assert.True(IsRememberedFor(milliseconds));
        Assert.False(IsRememberedFor(milliseconds + 1));

        bool IsRememberedFor(int time)
        {
            var calls = new CancelledCalls(_time, (_, _) => false);
            calls.Add("me", "1", expiration);
            _time.Advance(TimeSpan.FromMilliseconds(time));
            calls.Add("me", "another", expiration: null); // the oldest are looked at when one is added
            return calls.TryTake("me", new CorrelationId("1"));
        }
    }

    [Fact]
    public void A_huge_expiration_is_no_error()
    {
        _calls.Add("me", "1", $"{long.MaxValue}");

        Assert.True(_calls.TryTake("me", new CorrelationId("1")));
    }

    [Fact]
    public void The_same_cancel_twice_is_one()
    {
        _calls.Add("me", "1", expiration: null);
        _calls.Add("me", "1", expiration: null);

        Assert.True(_calls.TryTake("me", new CorrelationId("1")));
        Assert.False(_calls.TryTake("me", new CorrelationId("1")));
    }

    [Fact]
    public void Beyond_the_bound_the_oldest_is_forgotten()
    {
        for (int i = 0; i <= CancelledCalls.Capacity; i++)
        {
            _calls.Add("me", $"{i}", expiration: null);
        }

        Assert.False(_calls.TryTake("me", new CorrelationId("0")));
        Assert.True(_calls.TryTake("me", new CorrelationId("1")));
        Assert.True(_calls.TryTake("me", new CorrelationId($"{CancelledCalls.Capacity}")));
    }

    [Fact]
    public void Taken_ones_do_not_count_towards_the_bound()
    {
        for (int i = 0; i <= CancelledCalls.Capacity; i++)
        {
            _calls.Add("me", $"{i}", expiration: null);
            if (i < 10)
            {
                Assert.True(_calls.TryTake("me", new CorrelationId($"{i}")));
            }
        }

        Assert.True(_calls.TryTake("me", new CorrelationId("10")));
    }
}
