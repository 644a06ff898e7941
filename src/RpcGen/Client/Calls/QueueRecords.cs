using System.Collections.Concurrent;
using RpcGen.Client.Confirming;

namespace RpcGen.Client.Calls;

/// <summary>What a connection knows of the queues that its clients call. Thread-safe.</summary>
internal sealed class QueueRecords(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, QueueThrottle> _throttles = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConfirmPolicy> _confirms = new(StringComparer.Ordinal);

    /// <summary>Refuses calls to a queue while its servers are overloaded.</summary>
    public QueueThrottle ThrottleOf(string queue) => _throttles.GetOrAdd(queue, static (_, time) => new QueueThrottle(time), time);

    /// <summary>Decides whether requests to a queue are published with publisher confirms.</summary>
    public ConfirmPolicy ConfirmsOf(string queue) => _confirms.GetOrAdd(queue, static (_, time) => new ConfirmPolicy(time), time);
}
