using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Client;

/// <summary>Keeps the pending calls of one method for their next use; more than a burst leaves behind are let go.</summary>
/// <typeparam name="TResult">The method's result.</typeparam>
internal sealed class CallPool<TResult>(CallSession session, JsonTypeInfo<TResult>? resultType)
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

        return new PendingCall<TResult>(session, this, resultType);
    }

    /// <summary>Takes a call back; false where there are enough.</summary>
    public bool TryReturn(PendingCall<TResult> call)
    {
        if (Interlocked.CompareExchange(ref _one, call, null) is null)
        {
            return true;
        }

        if (Interlocked.Increment(ref _kept) > MaxKept)
        {
            Interlocked.Decrement(ref _kept);
            return false;
        }

        _calls.Enqueue(call);
        return true;
    }
}
