namespace RpcGen.Transport.InMemory;

/// <summary>What connections and channels have in common: they end, once, and say why.</summary>
internal abstract class InMemoryLifetime
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TransportClosure? _closure;

    public Task<TransportClosure> Closed => _closed.Task;

    public bool IsClosed => _closure is not null;

    /// <summary>Throws where it is closed already, so that nothing is sent.</summary>
    public void ThrowIfClosed()
    {
        if (_closure is { } closure)
        {
            throw new TransportClosedException(closure, nothingSent: true);
        }
    }

    /// <summary>Ends it; under the gate. False where it had ended.</summary>
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
