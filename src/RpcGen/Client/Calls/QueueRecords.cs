using RpcGen.Client.Confirming;
using RpcGen.Runtime;

namespace RpcGen.Client.Calls;

/// <summary>What a connection knows of the queues that its clients call. Records of unused queues are removed. Thread-safe.</summary>
internal sealed class QueueRecords(TimeProvider time)
{
    private readonly WeakTable<string, QueueThrottle> _throttles = new();
    private readonly WeakTable<string, ConfirmPolicy> _confirms = new();

    /// <summary>The number of queues.</summary>
    public int Count => Math.Max(_throttles.Count, _confirms.Count);

    /// <summary>Refuses calls to a queue while its servers are overloaded.</summary>
    public QueueThrottle ThrottleOf(string queue) => _throttles.GetOrAdd(queue, static (_, time) => new QueueThrottle(time), time);

    /// <summary>Decides whether requests to a queue are published with publisher confirms.</summary>
    public ConfirmPolicy ConfirmsOf(string queue) => _confirms.GetOrAdd(queue, static (_, time) => new ConfirmPolicy(time), time);
}
