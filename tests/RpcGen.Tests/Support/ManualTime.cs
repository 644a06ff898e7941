using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace RpcGen.Tests.Support;

/// <summary>A clock that stands still until it is moved, and tells of each timer that is started.</summary>
internal sealed class ManualTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _timers = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits for the next timer. Returns its due time.</summary>
    public async Task<TimeSpan> NextTimerAsync() => await _timers.Reader.ReadAsync().AsTask().WaitAsync(Bounds.Soon);

    /// <summary>Whether all timers have been returned by <see cref="NextTimerAsync"/>.</summary>
    public bool HasNoTimer => _timers.Reader.Count == 0;
}
