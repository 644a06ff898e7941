namespace RpcGen;

/// <summary>
/// Says that the caller of a method, which returns <see cref="Task"/> or <see cref="ValueTask"/>, waits for no reply: the
/// task completes when the broker has taken the request over, and what becomes of it stays with the server.
/// </summary>
/// <remarks>
/// A request that the broker does not take, for the queue is missing or a full one refuses it, throws
/// <see cref="RpcUnavailableException"/>. There is no validation on, fault of, or cancellation from the other side; the
/// arguments are checked before sending all the same. Time limits bound the wait for the broker and, on the server, the
/// run; the request waits in its queue for as long as it takes. What fails on the server is logged, and the request
/// rejected, so that the queue's dead-letter exchange gets it where a policy has set one.
/// </remarks>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RpcOneWayAttribute : Attribute
{
    /// <summary>
    /// Whether the task waits until the broker confirms the request; true unless set. Without, it completes once the
    /// request is on its way, and a request that is lost on it, returned or refused is not told.
    /// </summary>
    public bool Confirm { get; set; } = true;
}

/// <summary>
/// Says that every running instance of the server gets the call, not one of them. As with <see cref="RpcOneWayAttribute"/>,
/// the caller waits for no reply, and the method returns <see cref="Task"/> or <see cref="ValueTask"/>. An instance that
/// is away misses it; with no instance at all the caller gets <see cref="RpcUnavailableException"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RpcBroadcastAttribute : Attribute;

/// <summary>
/// Says that requests survive a restart of the broker while they wait in their queue (<c>delivery_mode</c> 2). Costs a
/// write to the broker's disk. What a caller waits for does not change: a reply to a caller that is gone is dropped.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcDurableAttribute : Attribute;

/// <summary>
/// Gives requests a priority: of those that wait in a queue the broker hands out higher ones first. Takes effect where the
/// queue has priorities: a classic one that a server declares with the option <c>MaxPriority</c>, or, from RabbitMQ 4.0 on, a
/// quorum queue.
/// </summary>
/// <param name="priority">0, as without the attribute, to 9.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcPriorityAttribute(byte priority) : Attribute
{
    /// <summary>The priority, AMQP's property of that name.</summary>
    public byte Priority { get; } = priority;
}

/// <summary>
/// Sets whether calls that wait at the same time can share one message. Without this attribute, calls of methods that are
/// <see cref="RpcIdempotentAttribute"/> or <see cref="RpcAtMostOnceAttribute"/> can, and calls of other methods cannot.
/// </summary>
/// <remarks>When a server is lost, the calls of a batch run again elsewhere, including those that were already answered.</remarks>
/// <param name="enabled">Whether calls can share a message.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcBatchingAttribute(bool enabled) : Attribute
{
    /// <summary>Whether calls can share a message.</summary>
    public bool Enabled { get; } = enabled;
}
