using RpcGen.Runtime;

namespace RpcGen.Streams.LongCalls;

/// <summary>A timer that runs while there is something to watch. It is created with the first start. Thread-safe.</summary>
/// <param name="every">How often it fires.</param>
/// <param name="time">The clock.</param>
internal sealed class BeatTimer(TimeSpan every, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _isRunning;
    private bool _isDisposed;

    /// <summary>Starts the timer, unless it runs.</summary>
    public void Start(Action onTick)
    {
        lock (_gate)
        {
            if (_isRunning || _isDisposed)
            {
                return;
            }

            _isRunning = true;
            if (_timer is null)
            {
                using (AmbientFlow.Suppress())
                {
                    _timer = time.CreateTimer(static onTick => ((Action)onTick!)(), onTick, every, every);
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
}
