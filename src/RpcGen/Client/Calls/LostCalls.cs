namespace RpcGen.Client.Calls;

/// <summary>Counts the calls that were in flight on a link when it was lost. Thread-safe.</summary>
internal sealed class LostCalls
{
    private int _resent;
    private int _failed;

    /// <summary>How many calls are sent again: their methods are idempotent.</summary>
    public int Resent => Volatile.Read(ref _resent);

    /// <summary>How many calls failed: their outcome is unknown.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>Counts a call that is sent again.</summary>
    public void AddResent() => Interlocked.Increment(ref _resent);

    /// <summary>Counts a call that failed.</summary>
    public void AddFailed() => Interlocked.Increment(ref _failed);
}
