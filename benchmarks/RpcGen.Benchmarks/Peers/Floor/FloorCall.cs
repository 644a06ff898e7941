using System.Threading.Tasks.Sources;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>A pending call, pooled.</summary>
internal sealed class FloorCall<TResult> : IValueTaskSource<TResult>
{
    private readonly FloorCallTable<TResult> _table;
    private ManualResetValueTaskSourceCore<TResult> _source;

    public FloorCall(FloorCallTable<TResult> table, int slot, bool runsCallersInline)
    {
        _table = table;
        Slot = slot;
        _source.RunContinuationsAsynchronously = !runsCallersInline;
    }

    public int Slot { get; }

    /// <summary>The call's number: its slot and the slot's generation.</summary>
    public ulong Id => ((ulong)(ushort)_source.Version << 32) | (uint)Slot;

    public ValueTask<TResult> Task => new(this, _source.Version);

    public void SetResult(TResult result) => _source.SetResult(result);

    TResult IValueTaskSource<TResult>.GetResult(short token)
    {
        TResult result = _source.GetResult(token);
        _source.Reset();
        _table.Return(this);
        return result;
    }

    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
