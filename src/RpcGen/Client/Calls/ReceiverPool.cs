namespace RpcGen.Client.Calls;

/// <summary>
/// Keeps receivers, each with its call, for their next use. All methods of a connection with the same type of result share
/// one pool. Thread-safe.
/// </summary>
/// <typeparam name="TResult">The methods' result.</typeparam>
internal sealed class ReceiverPool<TResult>(ICallEvents events, SlotTable<PendingMessage> table, TimeProvider time)
{
    /// <summary>How many receivers are kept. A larger burst of calls leaves the rest to the garbage collector.</summary>
    public const int Capacity = 1024;

    private readonly BoundedPool<ResultReceiver<TResult>> _idle = new(Capacity);

    /// <summary>A receiver whose call has not begun.</summary>
    public ResultReceiver<TResult> Rent() =>
        _idle.TryTake(out ResultReceiver<TResult>? receiver) ? receiver : new ResultReceiver<TResult>(events, table, time, _idle);
}
