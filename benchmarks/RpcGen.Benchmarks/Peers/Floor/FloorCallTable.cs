using System.Collections.Concurrent;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>Turns a reply into a result.</summary>
internal delegate TResult ReadReply<TResult>(ReadOnlySpan<byte> body);

/// <summary>Receives replies.</summary>
internal interface IFloorReplies
{
    /// <summary>Completes the call with this number.</summary>
    void OnReply(ulong id, ReadOnlySpan<byte> body);
}

/// <summary>The pending calls of a client by number, and the pool they come from.</summary>
internal sealed class FloorCallTable<TResult>(ReadReply<TResult> read, bool runsCallersInline) : IFloorReplies
{
    private const int Capacity = 4096;
    private readonly FloorCall<TResult>[] _calls = new FloorCall<TResult>[Capacity];
    private readonly ConcurrentQueue<FloorCall<TResult>> _free = new();
    private FloorCall<TResult>? _one;
    private int _used;

    public FloorCall<TResult> Rent()
    {
        if (Interlocked.Exchange(ref _one, null) is { } one)
        {
            return one;
        }

        if (_free.TryDequeue(out FloorCall<TResult>? call))
        {
            return call;
        }

        int slot = Interlocked.Increment(ref _used) - 1;
        return _calls[slot] = new FloorCall<TResult>(this, slot, runsCallersInline);
    }

    public void Return(FloorCall<TResult> call)
    {
        if (Interlocked.CompareExchange(ref _one, call, null) is not null)
        {
            _free.Enqueue(call);
        }
    }

    public void OnReply(ulong id, ReadOnlySpan<byte> body)
    {
        FloorCall<TResult> call = _calls[(int)(uint)id];
        if (call.Id == id)
        {
            call.SetResult(read(body));
        }
    }
}
