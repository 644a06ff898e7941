namespace RpcGen.Transport.InMemory;

/// <summary>What connections and channels have in common: they end once, with a reason. Guarded by the broker's gate.</summary>
internal abstract class InMemoryLifetime
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TransportClosure? _closure;

    public Task<TransportClosure> Closed => _closed.Task;

    /// <summary>Whether it has ended. Thread-safe.</summary>
    public bool IsClosed => _closure is not null;

    /// <summary>Throws if it has ended, before anything is sent. Thread-safe.</summary>
    public void ThrowIfClosed()
    {
        if (_closure is { } closure)
        {
            throw new TransportClosedException(closure, nothingSent: true);
        }
    }

    /// <summary>Ends it. Returns false if it had ended before. Used while holding the gate.</summary>
    protected bool TryEnd(TransportClosure closure)
    {
        if (_closure is not null)
        {
            return false;
        }

        _closure = closure;
        _closed.SetResult(closure);
        return true;
    }
}
