using Microsoft.Extensions.Time.Testing;
using RpcGen.Streams;

namespace RpcGen.Tests.Streams;

/// <summary>The timer with which a process watches its peers.</summary>
public sealed class BeatTimerTests : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly List<bool> _ticks = [];
    private readonly BeatTimer _timer;

    public BeatTimerTests() => _timer = new BeatTimer(Every, _time);

    public void Dispose() => _timer.Dispose();

    [Fact]
    public void It_ticks_in_time_while_it_runs()
    {
        _time.Advance(Every);
        Assert.Empty(_ticks);

        _timer.Start(_ticks.Add);
        _timer.Start(_ => Assert.Fail("The first start decides."));
        _time.Advance(Every);
        _time.Advance(Every);
        _timer.Stop();
        _time.Advance(Every);

        Assert.Equal([false, false], _ticks);
    }

    [Fact]
    public void A_tick_after_a_pause_of_the_process_says_so()
    {
        _timer.Start(_ticks.Add);
        _time.Advance(Every);

        _time.Advance(2 * Every); // the first of the two ticks that are due comes at the end
        _time.Advance(Every);

        Assert.Equal([false, true, false, false], _ticks);
    }

    [Fact]
    public void The_time_before_a_start_does_not_count()
    {
        _timer.Start(_ticks.Add);
        _timer.Stop();
        _time.Advance(10 * Every);

        _timer.Start(_ticks.Add);
        _time.Advance(Every);

        Assert.Equal([false], _ticks);
    }

    [Fact]
    public void A_disposed_timer_does_not_start()
    {
        _timer.Dispose();
        _timer.Start(_ticks.Add);
        _time.Advance(Every);

        Assert.Empty(_ticks);
    }
}
