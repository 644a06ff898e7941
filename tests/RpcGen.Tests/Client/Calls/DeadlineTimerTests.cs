using Microsoft.Extensions.Time.Testing;
using RpcGen.Client.Calls;

namespace RpcGen.Tests.Client.Calls;

public sealed class DeadlineTimerTests
{
    private readonly CountingTime _time = new();
    private readonly Target _target = new();
    private readonly DeadlineTimer _timer;

    public DeadlineTimerTests() => _timer = new DeadlineTimer(_target, _time);

    [Fact]
    public void The_deadline_is_announced_half_a_second_before_and_told_when_it_passes()
    {
        Start(generation: 1, TimeSpan.FromSeconds(10));

        Advance(9.499);
        Assert.Equal(0, _target.Near);
        Advance(0.003);
        Assert.Equal((1, 0), (_target.Near, _target.Expired.Count));
        Advance(0.490);
        Assert.Empty(_target.Expired);
        Advance(0.020);
        Assert.Equal([1L], _target.Expired);
        Assert.Equal(1, _target.Near);
    }

    [Fact]
    public void A_short_timeout_is_announced_in_its_last_quarter()
    {
        Start(generation: 1, TimeSpan.FromMilliseconds(400));

        Advance(0.299);
        Assert.Equal(0, _target.Near);
        Advance(0.003);
        Assert.Equal(1, _target.Near);
        Advance(0.100);
        Assert.Equal([1L], _target.Expired);
    }

    [Fact]
    public void Without_a_deadline_there_is_no_timer()
    {
        _target.Deadline = long.MaxValue;
        _target.Current = (1, CallStage.Waiting);
        _timer.Watch();

        Assert.Equal(0, _time.Changes);
    }

    [Fact]
    public void A_timer_that_fires_for_an_earlier_use_serves_the_next_one()
    {
        Start(generation: 1, TimeSpan.FromSeconds(10));
        Advance(1);
        int changes = _time.Changes;
        Start(generation: 2, TimeSpan.FromSeconds(10));
        Assert.Equal(changes, _time.Changes); // it fires early enough: nothing to do

        Advance(8.6);
        Assert.Equal(0, _target.Near); // fired, armed again
        Advance(1);
        Assert.Equal(1, _target.Near);
        Advance(0.5);
        Assert.Equal([2L], _target.Expired);
    }

    [Fact]
    public void A_use_with_an_earlier_deadline_arms_the_timer_again()
    {
        Start(generation: 1, TimeSpan.FromSeconds(10));
        Start(generation: 2, TimeSpan.FromSeconds(1));

        Advance(1.1);

        Assert.Equal([2L], _target.Expired);
    }

    [Theory]
    [InlineData(CallStage.Idle)]
    [InlineData(CallStage.Done)]
    internal void A_use_that_is_over_does_not_expire(CallStage stage)
    {
        Start(generation: 1, TimeSpan.FromSeconds(1));
        _target.Current = (1, stage);

        Advance(5);

        Assert.Equal((0, 0), (_target.Near, _target.Expired.Count));
    }

    [Fact]
    public void A_use_whose_deadline_is_not_set_yet_does_not_expire()
    {
        Start(generation: 1, TimeSpan.FromSeconds(1));
        _target.Current = (2, CallStage.Preparing);
        _target.Deadline = long.MaxValue;

        Advance(5);
        Assert.Empty(_target.Expired);

        Start(generation: 2, TimeSpan.FromSeconds(1)); // the timer has fired: it is armed again
        Advance(1.1);
        Assert.Equal([2L], _target.Expired);
    }

    [Fact]
    public void A_deadline_that_has_passed_is_told_at_once()
    {
        _target.Current = (1, CallStage.Waiting);
        _target.Timeout = TimeSpan.FromSeconds(1);
        _target.Deadline = _time.GetTimestamp() - 1;
        _timer.Watch();
        Advance(0.001);

        Assert.Equal([1L], _target.Expired);
    }

    [Fact]
    public void A_disposed_timer_fires_no_more()
    {
        Start(generation: 1, TimeSpan.FromSeconds(1));
        _timer.Dispose();

        Advance(5);

        Assert.Empty(_target.Expired);
        new DeadlineTimer(_target, _time).Dispose(); // never armed
    }

    [Fact]
    public void A_disposed_timer_is_not_armed_again()
    {
        _timer.Dispose();
        int changes = _time.Changes;

        Start(generation: 1, TimeSpan.FromSeconds(1));

        Assert.Equal(changes, _time.Changes);
    }

    private void Start(long generation, TimeSpan timeout)
    {
        _target.Current = (generation, CallStage.Waiting);
        _target.Timeout = timeout;
        _target.Deadline = CallDeadline.Start(timeout, _time, _time.GetTimestamp(), out _).Timestamp;
        _timer.Watch();
    }

    private void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private sealed class Target : IExpiring
    {
        public (long Generation, CallStage Stage) Current { get; set; }

        public long Deadline { get; set; }

        public TimeSpan Timeout { get; set; }

        public int Near { get; private set; }

        public List<long> Expired { get; } = [];

        public void OnDeadlineNear() => Near++;

        public void OnDeadline(long generation) => Expired.Add(generation);
    }

    private sealed class CountingTime : FakeTimeProvider
    {
        public int Changes { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Changes++;
            return new CountingTimer(this, base.CreateTimer(callback, state, dueTime, period));
        }

        private sealed class CountingTimer(CountingTime time, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time.Changes++;
                return timer.Change(dueTime, period);
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
