using System.Collections.Concurrent;

namespace RpcGen.Client;

/// <summary>
/// Keeps pending calls for their next use; more than a burst leaves behind are let go. One for all methods of a connection
/// that have the same type of result.
/// </summary>
/// <typeparam name="TResult">The methods' result.</typeparam>
internal sealed class CallPool<TResult>(CallSession session)
{
    private const int MaxKept = 1024;
    private readonly ConcurrentQueue<PendingCall<TResult>> _calls = new();
    private PendingCall<TResult>? _one;
    private int _kept;

    public PendingCall<TResult> Rent()
    {
        PendingCall<TResult>? call = Interlocked.Exchange(ref _one, null);
        if (call is not null)
        {
            return call;
        }

        if (_calls.TryDequeue(out call))
        {
            Interlocked.Decrement(ref _kept);
            return call;
        }

        return new PendingCall<TResult>(session, this);
    }

    /// <summary>Takes a call back; where there are enough, its life ends.</summary>
    public void Return(PendingCall<TResult> call)
    {
        if (Interlocked.CompareExchange(ref _one, call, null) is null)
        {
            return;
        }

        if (Interlocked.Increment(ref _kept) > MaxKept)
        {
            Interlocked.Decrement(ref _kept);
            call.Retire();
            return;
        }

        _calls.Enqueue(call);
    }
}
