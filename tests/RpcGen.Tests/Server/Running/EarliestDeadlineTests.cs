using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class EarliestDeadlineTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<TimeSpan> _fired = [];
    private readonly long _start;
    private long _next = long.MaxValue;

    public EarliestDeadlineTests() => _start = _time.GetTimestamp();

    [Fact]
    public void It_fires_once_after_the_earliest_deadline()
    {
        using EarliestDeadline deadlines = Create();
        deadlines.Watch(In(200));
        deadlines.Watch(In(100));
        deadlines.Watch(In(300));

        Advance(100);
        Assert.Empty(_fired); // timers can be early: there is a margin
        Advance(1);

        Assert.Equal([101], Fired);
        Advance(1000);
        Assert.Equal([101], Fired); // the callback said that nothing is left
    }

    [Fact]
    public void The_callback_says_what_comes_next()
    {
        using EarliestDeadline deadlines = Create();
        _next = In(250);
        deadlines.Watch(In(100));
        Advance(101);
        _next = long.MaxValue;

        Advance(150);

        Assert.Equal([101, 251], Fired);
    }

    [Fact]
    public void A_deadline_that_has_passed_fires_at_once()
    {
        using EarliestDeadline deadlines = Create();
        Advance(50);

        deadlines.Watch(In(50));
        Advance(0);

        Assert.Equal([50], Fired);
    }

    [Fact]
    public void After_it_fired_later_deadlines_are_watched_again()
    {
        using EarliestDeadline deadlines = Create();
        deadlines.Watch(In(100));
        Advance(101);

        deadlines.Watch(In(300));
        Advance(200);

        Assert.Equal([101, 301], Fired);
    }

    [Fact]
    public void A_deadline_beyond_what_timers_take_is_no_error()
    {
        using EarliestDeadline deadlines = Create();

        deadlines.Watch(long.MaxValue - 1);
        _time.Advance(TimeSpan.FromMilliseconds(uint.MaxValue - 1));

        Assert.Single(_fired);
    }

    [Fact]
    public void No_deadline_sets_no_timer()
    {
        using EarliestDeadline deadlines = Create();

        deadlines.Watch(long.MaxValue);
        _time.Advance(TimeSpan.FromDays(100));

        Assert.Empty(_fired);
    }

    [Fact]
    public void After_disposal_it_does_not_fire()
    {
        EarliestDeadline deadlines = Create();
        deadlines.Watch(In(100));

        deadlines.Dispose();
        Advance(200);

        Assert.Empty(_fired);
    }

    private double[] Fired => [.. _fired.Select(time => time.TotalMilliseconds)];

    private EarliestDeadline Create() => new(_time, now =>
    {
        _fired.Add(_time.GetElapsedTime(_start, now));
        return _next;
    });

    private long In(int milliseconds) => _start + (milliseconds * _time.TimestampFrequency / 1000);

    private void Advance(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
