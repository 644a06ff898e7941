using System.Diagnostics;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// The broker's calls to one of its users: made one at a time, in order, without holding the gate. Its state is guarded by
/// the broker's gate.
/// </summary>
/// <param name="broker">The broker.</param>
/// <param name="raise">Makes one call.</param>
/// <param name="failed">Handles an exception of <paramref name="raise"/>. The events taken together with the failed one are dropped.</param>
internal sealed class EventQueue<T>(InMemoryBroker broker, Action<T> raise, Action<Exception> failed) : IThreadPoolWorkItem
{
    /// <summary>A list that has grown beyond this after a burst is not kept.</summary>
    private const int MaxKeptCapacity = 1024;

    private List<T> _waiting = [];
    private List<T> _taken = [];
    private bool _isScheduled;

    /// <summary>Adds an event. Used while holding the gate.</summary>
    public void Post(T item)
    {
        _waiting.Add(item);
        if (!_isScheduled)
        {
            _isScheduled = true;
            broker.Scheduler(this);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (broker.Gate)
        {
            Debug.Assert(_isScheduled && _taken.Count == 0, "Runs once per schedule, never twice at a time.");
            (_waiting, _taken) = (_taken, _waiting);
        }

        try
        {
            foreach (T item in _taken)
            {
                raise(item);
            }
        }
#pragma warning disable CA1031 // Any exception of a user closes what the queue belongs to, and does not end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failed(exception);
        }

        _taken.Clear();
        if (_taken.Capacity > MaxKeptCapacity)
        {
            _taken = [];
        }

        lock (broker.Gate)
        {
            _isScheduled = _waiting.Count > 0;
            if (_isScheduled)
            {
                broker.Scheduler(this);
            }
        }
    }
}
