using RpcGen.Client.Calls;

namespace RpcGen.Client.Batching;

/// <summary>
/// Keeps batches for their next use by any batcher of the connection. Thread-safe.
/// </summary>
/// <remarks>Idle batches keep their slots in the table. If each batcher kept its own, the table would grow with every queue that was ever called.</remarks>
/// <param name="events">Gets what handles replies to batches.</param>
/// <param name="table">Gives batches their slots.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchPool(Func<IBatchEvents> events, SlotTable<PendingMessage> table, TimeProvider time)
{
    /// <summary>How many batches are kept. A batcher that is busy uses one or two.</summary>
    public const int Capacity = 16;

    private readonly BoundedPool<PendingBatch> _idle = new(Capacity);

    /// <summary>An idle batch without calls.</summary>
    public PendingBatch Rent(IBatchOwner owner)
    {
        PendingBatch batch = _idle.TryTake(out PendingBatch? known) ? known : new PendingBatch(_idle, events(), table, time);
        batch.Owner = owner;
        return batch;
    }
}
