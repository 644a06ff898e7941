namespace RpcGen.Client.Calls;

/// <summary>Limits the calls of a client or connection that wait for their outcome. Thread-safe.</summary>
/// <param name="maxCalls">The maximum number of calls that wait at the same time.</param>
/// <param name="setting">The setting, for messages.</param>
/// <param name="outer">The limit of the connection, for a client; null for none.</param>
internal sealed class CallQuota(int maxCalls, string setting, CallQuota? outer = null)
{
    private int _count;

    /// <summary>Creates the limit of a client within that of its connection; null if neither is limited.</summary>
    public static CallQuota? Create(int? maxCalls, CallQuota? outer) => maxCalls is { } max ? new CallQuota(max, "RpcClientOptions.MaxPendingCalls", outer) : outer;

    /// <summary>Counts a call that is about to start.</summary>
    /// <exception cref="RpcUnavailableException">The limit is reached.</exception>
    public void Enter(string method, string queue)
    {
        if (Interlocked.Increment(ref _count) > maxCalls)
        {
            Interlocked.Decrement(ref _count);
            throw CallExceptions.TooManyCalls(method, queue, maxCalls, setting);
        }

        try
        {
            outer?.Enter(method, queue);
        }
        catch
        {
            Interlocked.Decrement(ref _count);
            throw;
        }
    }

    /// <summary>A call has ended.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _count);
        outer?.Leave();
    }
}
