using RpcGen.Runtime;

namespace RpcGen.Streams;

/// <summary>A timer that runs while there are peers to watch. It is created with the first start. Thread-safe.</summary>
/// <remarks>
/// A tick that comes late shows that this process was stopped, by a debugger, the system, or a long garbage collection. What peers have sent meanwhile is
/// read after it, so the time before it must not count as their silence.
/// </remarks>
/// <param name="every">How often it fires.</param>
/// <param name="time">The clock.</param>
internal sealed class BeatTimer(TimeSpan every, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private Action<bool>? _onTick;
    private long _lastTick;
    private bool _isRunning;
    private bool _isDisposed;

    /// <summary>Starts the timer, unless it runs.</summary>
    /// <param name="onTick">Called at each tick; true for one that comes late. The first start decides.</param>
    public void Start(Action<bool> onTick)
    {
        lock (_gate)
        {
            if (_isRunning || _isDisposed)
            {
                return;
            }

            _isRunning = true;
            _lastTick = time.GetTimestamp();
            if (_timer is null)
            {
                _onTick = onTick;
                using (AmbientFlow.Suppress())
                {
                    _timer = time.CreateTimer(static timer => ((BeatTimer)timer!).Tick(), this, every, every);
                }
            }
            else
            {
                _timer.Change(every, every);
            }
        }
    }

    /// <summary>Stops the timer until the next start.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isRunning = false;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            (_isDisposed, _isRunning) = (true, false);
            _timer?.Dispose();
        }
    }

    private void Tick()
    {
        bool isLate;
        lock (_gate)
        {
            if (!_isRunning)
            {
                return;
            }

            long now = time.GetTimestamp();
            isLate = time.GetElapsedTime(_lastTick, now) >= 2 * every;
            _lastTick = now;
        }

        _onTick!(isLate);
    }
}
