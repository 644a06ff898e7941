using RpcGen.Protocol;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Streams.LongCalls;

namespace RpcGen.Server.Running;

/// <summary>
/// A call that takes long. Its caller is told who runs it. When the caller has said that it waits, the call is taken over: its request is acknowledged, the
/// caller gets the outcome through the connection for streams, and the call survives the loss of the channel. Until then, it is a call like
/// others. Thread-safe.
/// </summary>
internal sealed class LongCall : ServedLongCall, ILongCall
{
    private readonly Lock _gate = new();
    private readonly ILongCallOwner _owner;
    private readonly ServerCall _call;
    private readonly Delivery _delivery;
    private readonly IReplyWriter _replies;
    private bool _isAdopted;
    private bool _isOver;

    /// <param name="owner">The long calls of the server.</param>
    /// <param name="call">The call, in the use that it is in.</param>
    /// <param name="leavesPlace">Whether the call gives its place among the running calls back when it is taken over.</param>
    public LongCall(ILongCallOwner owner, ServerCall call, bool leavesPlace)
        : base(call.Id, call.Delivery.ReplyTo!)
    {
        _owner = owner;
        _call = call;
        _delivery = call.Delivery;
        _replies = call.Replies;
        LeavesPlace = leavesPlace;
    }

    /// <summary>Whether the call counts as long-running, and not as a running call, from the takeover on.</summary>
    public bool LeavesPlace { get; }

    /// <inheritdoc/>
    public bool IsAdopted
    {
        get
        {
            lock (_gate)
            {
                return _isAdopted;
            }
        }
    }

    /// <inheritdoc/>
    public override bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _isOver;
            }
        }
    }

    /// <inheritdoc/>
    public override bool TryAdopt()
    {
        lock (_gate)
        {
            if (_isOver || _isAdopted)
            {
                return false;
            }

            _isAdopted = true;
            _replies.Detach(_delivery); // under the lock: the delivery ends after the call
            return true;
        }
    }

    /// <inheritdoc/>
    public override void OnAdopted()
    {
        _owner.OnAdopted(this);
        if (LeavesPlace)
        {
            _call.Places?.Leave(_call, this);
        }
    }

    /// <inheritdoc/>
    public override void OnUnwanted(string reason)
    {
        if (_call.TryCancelByCaller(Name.ReplyTo, Name.Id))
        {
            _owner.OnUnwanted(this, reason);
        }
    }

    /// <inheritdoc/>
    public bool TryWithdraw()
    {
        lock (_gate)
        {
            _isOver |= !_isAdopted;
            return !_isAdopted;
        }
    }

    /// <inheritdoc/>
    public void Answer(ReadOnlySpan<byte> body, bool isFault, IReadOnlyDictionary<string, object?>? headers) =>
        _ = _owner.CompleteAsync(this, new LongReply(isFault ? WireNames.Fault : null, body.ToArray(), headers));

    /// <summary>The server stops: the caller is told, and the handler's token fires.</summary>
    public async Task InterruptAsync()
    {
        await _owner.CompleteAsync(this, new LongReply(WireNames.Fault, LongFaults.Interrupted(), null)).ConfigureAwait(false);
        _call.TryCancelByCaller(Name.ReplyTo, Name.Id);
    }

    /// <inheritdoc/>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }

        _owner.OnEnded(this);
    }
}

/// <summary>The long calls of a server.</summary>
internal interface ILongCallOwner
{
    /// <summary>A call was taken over.</summary>
    void OnAdopted(LongCall call);

    /// <summary>Nobody waits for a call.</summary>
    void OnUnwanted(LongCall call, string reason);

    /// <summary>A call has ended.</summary>
    void OnEnded(LongCall call);

    /// <summary>Gives the outcome of a call to its caller, now or when it is connected again. Never throws.</summary>
    Task CompleteAsync(LongCall call, LongReply reply);
}
