using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Tasks.Sources;
using RpcGen.Generated;

namespace RpcGen.Client;

/// <summary>A pending call with its result, which its caller awaits.</summary>
/// <typeparam name="TResult">The method's result.</typeparam>
internal sealed class PendingCall<TResult> : PendingCall, IValueTaskSource<TResult>, IValueTaskSource
{
    private readonly CallPool<TResult> _pool;
    private ManualResetValueTaskSourceCore<TResult> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private JsonTypeInfo<TResult>? _resultType;

    public PendingCall(CallSession session, CallPool<TResult> pool)
        : base(session) => _pool = pool;

    /// <summary>What the caller awaits, once.</summary>
    public ValueTask<TResult> Task => new(this, _source.Version);

    /// <summary>What the caller of a method without result awaits, once.</summary>
    public ValueTask VoidTask => new(this, _source.Version);

    /// <summary>Starts a use of this object for a method.</summary>
    public long Begin<TService, TArguments>(RpcMethod<TService, TArguments, TResult> method, ServiceAddress service, TimeSpan timeout, long deadline, BatchedMethod? batched)
        where TService : class
        where TArguments : struct
    {
        _resultType = method.ResultType;
        Batched = batched;
        return base.Begin(method, service, timeout, deadline);
    }

    /// <summary>Ends the call when the token fires.</summary>
    public void WatchCancellation(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    // The registration ends before the object is used again: this is still the call it was made for.
                    var call = (PendingCall<TResult>)state!;
                    call.Session.Cancel(call, call.Current.Generation, token);
                },
                this);
        }
    }

    public override void SetReply(ReadOnlyMemory<byte> body)
    {
        TResult result;
        try
        {
            result = Read(body.Span);
        }
#pragma warning disable CA1031 // Converters and constructors are the user's: whatever they throw ends this call alone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            SetException(new RpcProtocolException($"The reply to '{Method.Name}' (call {Id}) can't be read as {typeof(TResult)}: {e.Message}", e));
            return;
        }

        EndObservation(exception: null);
        _source.SetResult(result);
    }

    public override void SetException(Exception exception)
    {
        EndObservation(exception);
        _source.SetException(exception);
    }

    TResult IValueTaskSource<TResult>.GetResult(short token)
    {
        // Only the first await of a finished use may end it: a second one, or one that comes too early, throws below.
        bool isFinished = _source.GetStatus(token) != ValueTaskSourceStatus.Pending && TryMove(Current.Generation, CallStage.Done, CallStage.Idle);
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            if (isFinished)
            {
                StopWatching();
                Release();
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => ((IValueTaskSource<TResult>)this).GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected override void StopWatching()
    {
        _cancellation.Dispose();
        _cancellation = default;
    }

    protected override void Recycle()
    {
        _source.Reset();
        _pool.Return(this);
    }

    private TResult Read(ReadOnlySpan<byte> body)
    {
        if (_resultType is null)
        {
            return default!; // no result: what a tolerant peer sends all the same does not matter
        }

        if (body.IsEmpty)
        {
            throw new JsonException("the body is empty, but the method has a result.");
        }

        return JsonSerializer.Deserialize(body, _resultType)!;
    }
}
