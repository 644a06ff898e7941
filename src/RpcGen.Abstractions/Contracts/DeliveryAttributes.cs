namespace RpcGen;

/// <summary>
/// Marks a method whose callers do not wait for a reply. The method returns <see cref="Task"/> or <see cref="ValueTask"/>, which
/// completes when the broker has confirmed the request.
/// </summary>
/// <remarks>
/// <para>The call throws <see cref="RpcUnavailableException"/> if the queue does not exist, or is full and refuses the
/// request. Arguments are validated before the request is sent. The caller does not learn what happens on the server, and
/// cannot cancel the request there.</para>
/// <para>The time limit applies to the wait for the broker, and separately to the run on the server. The request can wait in its
/// queue for any time. If the handler fails, the failure is logged and the request is rejected: it goes to the queue's dead-letter exchange
/// if the queue has one.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RpcOneWayAttribute : Attribute
{
    /// <summary>
    /// Whether the task waits for the broker's publisher confirm. If false, it completes when the request has been written to
    /// the connection, and the caller does not learn that a request was lost, returned or refused. Default: true.
    /// </summary>
    public bool Confirm { get; set; } = true;
}

/// <summary>
/// Marks a method whose calls go to every running instance of the server instead of to one. It is one-way: see
/// <see cref="RpcOneWayAttribute"/>. An instance that is not connected misses the call. Without any instance the call throws
/// <see cref="RpcUnavailableException"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RpcBroadcastAttribute : Attribute;

/// <summary>
/// Makes requests survive a restart of the broker while they wait in their queue (<c>delivery_mode</c> 2). It costs the broker
/// a write to disk. If the caller is gone when the request runs, the reply is dropped. Requests that are not durable go back to
/// their callers if they are delivered again because a server was lost, and run again only if the caller has no answer. A durable
/// request runs again in any case.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcDurableAttribute : Attribute;

/// <summary>
/// Marks methods whose calls take long: minutes or hours. Servers tell the callers at once who runs their calls, and acknowledge the requests when the callers
/// know. From then on, callers and servers watch each other: a caller learns within 15 seconds that its server is lost, and a server cancels a call
/// whose caller is lost. The broker's <c>consumer_timeout</c> does not matter, and a call survives the loss of a connection.
/// </summary>
/// <remarks>
/// <para>Calls of such methods count against the server's option <c>MaxLongCalls</c> instead of <c>MaxConcurrentCalls</c>. They share no message with other calls. The
/// time limit of a call is that of other calls: set it with <see cref="RpcTimeoutAttribute"/>.</para>
/// <para>Without the attribute, a call becomes long by itself when it has taken as long as the server's option <c>LongCallAfter</c> says.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcLongRunningAttribute : Attribute;

/// <summary>
/// Gives requests a priority: the broker delivers waiting requests of higher priority first. It takes effect in queues with
/// priorities: classic queues whose server sets the option <c>MaxPriority</c>, and from RabbitMQ 4.0 on quorum queues.
/// </summary>
/// <param name="priority">0 to 9. Without the attribute: 0.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcPriorityAttribute(byte priority) : Attribute
{
    /// <summary>The AMQP property <c>priority</c> of requests.</summary>
    public byte Priority { get; } = priority;
}

/// <summary>
/// Sets whether calls that wait at the same time can share one message. Default: true. A method's attribute overrides the
/// contract's.
/// </summary>
/// <remarks>
/// The guarantees are those of single messages. If a server is lost, the calls of a batch that have an answer do not run again.
/// Large calls, durable calls and calls with a priority are never batched.
/// </remarks>
/// <param name="enabled">Whether calls can share a message.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcBatchingAttribute(bool enabled) : Attribute
{
    /// <summary>Whether calls can share a message.</summary>
    public bool Enabled { get; } = enabled;
}
