using System.Threading.Tasks.Sources;
using RpcGen.Runtime;

namespace RpcGen.Streams;

/// <summary>
/// The consumer's wait for the next message, which can be limited. <see cref="Begin"/>, <see cref="TryEnd"/> and
/// <see cref="IsAwaited"/> need the receiver's lock; the other members must be used outside of it.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="limit">How long one wait can take; zero for no limit.</param>
/// <param name="onLimit">Called when the limit of a wait may be over.</param>
internal sealed class ArrivalSignal(TimeProvider time, TimeSpan limit, Action onLimit) : IValueTaskSource, IDisposable
{
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private ITimer? _timer;

    /// <summary>Whether the consumer waits.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>Begins a wait.</summary>
    /// <param name="isHere">Whether there is something to take already.</param>
    /// <exception cref="InvalidOperationException">The consumer waits already.</exception>
    public void Begin(bool isHere)
    {
        if (IsAwaited)
        {
            throw new InvalidOperationException("MoveNextAsync was called again before it had completed.");
        }

        _source.Reset();
        IsAwaited = !isHere;
    }

    /// <summary>Ends the wait, if there is one. Then <see cref="Set"/> must follow.</summary>
    public bool TryEnd()
    {
        bool wasAwaited = IsAwaited;
        IsAwaited = false;
        return wasAwaited;
    }

    /// <summary>The wait that was begun.</summary>
    public ValueTask WaitAsync(bool isHere)
    {
        var wait = new ValueTask(this, _source.Version);
        if (isHere)
        {
            _source.SetResult(true);
        }
        else if (limit > TimeSpan.Zero)
        {
            StartTimer();
        }

        return wait;
    }

    /// <summary>Wakes the consumer.</summary>
    public void Set()
    {
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _source.SetResult(true);
    }

    public void Dispose() => _timer?.Dispose();

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void StartTimer()
    {
        using (AmbientFlow.Suppress())
        {
            _timer ??= time.CreateTimer(static signal => ((ArrivalSignal)signal!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer() => onLimit();
}
