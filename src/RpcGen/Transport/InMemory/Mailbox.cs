namespace RpcGen.Transport.InMemory;

/// <summary>What the broker has to tell one of its users: told one at a time, in order, outside the gate.</summary>
/// <param name="broker">The broker, whose gate guards what waits.</param>
/// <param name="tell">Tells one.</param>
/// <param name="failed">Takes what <paramref name="tell"/> throws; the rest of what waited then is dropped.</param>
internal sealed class Mailbox<T>(InMemoryBroker broker, Action<T> tell, Action<Exception> failed) : IThreadPoolWorkItem
{
    private const int KeptCapacity = 1024;

    private List<T> _waiting = [];
    private List<T> _taken = [];
    private bool _isScheduled;

    /// <summary>Adds one; under the gate.</summary>
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
            (_waiting, _taken) = (_taken, _waiting);
        }

        try
        {
            foreach (T item in _taken)
            {
                tell(item);
            }
        }
#pragma warning disable CA1031 // Whatever it is, it ends what the mailbox belongs to, not the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failed(exception);
        }

        _taken.Clear();
        if (_taken.Capacity > KeptCapacity)
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
