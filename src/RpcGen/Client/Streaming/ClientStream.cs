using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client.Streaming;

/// <summary>One call that receives a stream.</summary>
internal sealed class ClientStream<TItem> : StreamingCall, IStreamReceiverOwner
{
    private readonly RpcItems<TItem> _items;
    private readonly StreamReceiver<TItem> _receiver;

    public ClientStream(
        CorrelationId id, StreamLink link, RpcMethod method, RpcItems<TItem> items, CallIdentity identity, StreamExceptions failures, StreamBudget budget, TimeProvider time)
        : base(id, link, method, identity, failures)
    {
        _items = items;
        _receiver = new StreamReceiver<TItem>(items, this, budget, time);
    }

    /// <inheritdoc/>
    public override long Window => _receiver.Window;

    /// <summary>The item that was taken last.</summary>
    public TItem Current => _receiver.Current;

    /// <summary>How many items were taken.</summary>
    public long TakenItems => _receiver.TakenItems;

    /// <summary>Called with what the consumer got when the stream has ended for it; null for the end, or if it wanted no more. Must not throw.</summary>
    public Action<Exception?>? Ended { get; set; }

    /// <summary>Takes the next item. False at the end.</summary>
    public ValueTask<bool> MoveNextAsync() => _receiver.MoveNextAsync();

    /// <summary>Ends the stream at once.</summary>
    public void Interrupt(Exception exception) => _receiver.Interrupt(exception);

    /// <summary>The exception for a stream that took too long as a whole.</summary>
    public Exception CreateTotalOver() => StreamExceptions.TotalOver(Identity, _items.TotalTimeoutMilliseconds, TakenItems);

    /// <summary>The consumer wants no more. Must not be called while <see cref="MoveNextAsync"/> runs.</summary>
    public override void Dispose() => _receiver.Dispose();

    /// <summary>The server knows already, and learns here that nobody takes its items.</summary>
    public override void OnSourceFailed(Exception exception)
    {
        CancelAtServer();
        End(() => exception, number: null);
    }

    /// <summary>Methods that return a stream take no progress.</summary>
    public override void OnProgressFailed(Exception exception) => OnSourceFailed(exception);

    /// <inheritdoc/>
    void IStreamReceiverOwner.SendGrant(long bytes, long items)
    {
        if (Peer is { } server)
        {
            _ = Link.SendAsync(this, Link.To(server.Queue, StreamMessageKinds.Grant, WireId, StreamBodies.WriteGrant(bytes, items))).AsTask();
        }
    }

    /// <inheritdoc/>
    void IStreamReceiverOwner.SendCancel()
    {
        CancelAtServer();
        Leave();
    }

    /// <inheritdoc/>
    void IStreamReceiverOwner.OnClosed(Exception? failure)
    {
        Leave();
        Ended?.Invoke(failure);
    }

    /// <inheritdoc/>
    Exception IStreamReceiverOwner.BreaksProtocol(string reason, Exception? cause) => StreamExceptions.BreaksProtocol(Identity, reason, cause);

    /// <inheritdoc/>
    Exception IStreamReceiverOwner.IsIdle() => StreamExceptions.Idle(Identity, _items.IdleTimeoutMilliseconds, TakenItems);

    /// <inheritdoc/>
    protected override RpcException CreateLost(StreamExceptions failures, StreamLoss loss, bool isOpen) => failures.Lost(Identity, loss, isOpen, TakenItems);

    /// <inheritdoc/>
    protected override void OnResult(StreamMessageKind kind, in IncomingMessage message)
    {
        string? problem = kind == StreamMessageKind.Result ? "the server sent a message of an unknown kind" : ItemMessage.FindProblem(in message, _items.IsRaw);
        if (problem is not null)
        {
            BreakOff(problem);
            return;
        }

        bool isLast = kind == StreamMessageKind.End;
        Exception? own = isLast ? Uploads?.Failure : null; // the server can answer before the failure of the own source is reported here
        _receiver.OnMessage(ItemMessage.ReadNumber(in message) ?? -1, message.Body.Span, isLast && own is null);
        if (own is not null)
        {
            _receiver.OnEnded(() => own, number: null);
        }

        if (isLast)
        {
            Leave();
        }

        SetOpened();
    }

    /// <summary>The failure of an own source counts more than what the server made of it, as for calls with one result.</summary>
    protected override void OnFailed(Func<Exception> failure, long? number) =>
        _receiver.OnEnded(() => Uploads?.Failure ?? StreamExceptions.AfterItems(failure(), TakenItems), number);
}
