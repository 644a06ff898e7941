namespace RpcGen.Server.Running;

/// <summary>
/// The places of a server that are taken by calls of earlier links: long calls that have survived the loss of their channel. The current link runs as many calls
/// less. Thread-safe.
/// </summary>
internal sealed class OutsidePlaces
{
    private int _count;
    private Action? _freed;

    /// <summary>How many places are taken.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Sets what is called when a place was given back: the scheduler of the current link.</summary>
    public void SetListener(Action freed) => Volatile.Write(ref _freed, freed);

    /// <summary>Calls have outlived their link.</summary>
    public void Take(int places) => Interlocked.Add(ref _count, places);

    /// <summary>One of them has ended.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _count);
        Volatile.Read(ref _freed)?.Invoke();
    }
}
