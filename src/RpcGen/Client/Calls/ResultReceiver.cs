using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Tasks.Sources;
using RpcGen.Generated;

namespace RpcGen.Client.Calls;

/// <summary>Receives the one result of a call. The caller awaits it.</summary>
/// <typeparam name="TResult">The method's result.</typeparam>
internal sealed class ResultReceiver<TResult> : IReplyReceiver, IValueTaskSource<TResult>, IValueTaskSource
{
    private readonly BoundedPool<ResultReceiver<TResult>> _pool;
    private ManualResetValueTaskSourceCore<TResult> _source = new() { RunContinuationsAsynchronously = true };
    private JsonTypeInfo<TResult>? _resultType;
    private RpcJson? _json;
    private TResult _result = default!;
    private bool _isRaw;

    /// <summary>Creates a receiver with a call of its own.</summary>
    public ResultReceiver(ICallEvents events, SlotTable<PendingMessage> table, TimeProvider time, BoundedPool<ResultReceiver<TResult>> pool)
    {
        _pool = pool;
        Call = new PendingCall(events, this, table, time);
    }

    /// <summary>The call that this receives the result of.</summary>
    public PendingCall Call { get; }

    /// <summary>Completes with the result. To be awaited once.</summary>
    public ValueTask<TResult> Task => new(this, _source.Version);

    /// <summary>Completes when a method without result has been called. To be awaited once.</summary>
    public ValueTask VoidTask => new(this, _source.Version);

    /// <summary>Starts a call.</summary>
    /// <returns>The call's generation.</returns>
    public long Begin<TService, TArguments>(RpcMethod<TService, TArguments, TResult> method, RequestRoute route, IBatchFeedback? batching)
        where TService : class
        where TArguments : struct
    {
        _resultType = method.ResultType;
        _json = method.JsonMetadata;
        _isRaw = method.HasRawResult;
        return Call.Begin(method, route, batching);
    }

    /// <inheritdoc/>
    public void Read(ReadOnlySpan<byte> body)
    {
        if (_isRaw)
        {
            _result = (TResult)(object)RawResult.Copy(body);
            return;
        }

        if (_resultType is null)
        {
            return; // the method has no result: the body of a tolerant peer is ignored
        }

        _result = JsonResult.Read(body, _resultType, _json!);
    }

    /// <inheritdoc/>
    public void Complete()
    {
        TResult result = _result;
        _result = default!; // before the caller continues: the receiver can be in use again right after
        _source.SetResult(result);
    }

    /// <inheritdoc/>
    public void Fail(Exception exception) => _source.SetException(exception);

    /// <inheritdoc/>
    public bool TryRecycle()
    {
        _source.Reset();
        return _pool.TryReturn(this);
    }

    TResult IValueTaskSource<TResult>.GetResult(short token)
    {
        // Only the first await of a finished call ends it. A second await, or one that is too early, throws below.
        bool isFirst = _source.GetStatus(token) != ValueTaskSourceStatus.Pending && Call.TryEnd();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            if (isFirst)
            {
                Call.Unpin();
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => ((IValueTaskSource<TResult>)this).GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
