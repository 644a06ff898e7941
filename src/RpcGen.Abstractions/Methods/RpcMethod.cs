using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>One method of a contract: its name, its guarantees and its faults. Immutable, thread-safe.</summary>
public abstract class RpcMethod
{
    private protected RpcMethod(RpcJson json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        Contract = json.Contract;
        Name = name;
    }

    /// <summary>The full name of the contract in C#, such as <c>Shop.IOrders</c>.</summary>
    public string Contract { get; }

    /// <summary>The name on the wire: the AMQP property <c>type</c> of requests.</summary>
    public string Name { get; }

    /// <summary>The time limit that <see cref="RpcTimeoutAttribute"/> sets: a server runs no call longer. Null without the attribute.</summary>
    public virtual TimeSpan? DeclaredTimeout => null;

    /// <summary>The time limit of calls for which no other is set: <see cref="DeclaredTimeout"/>, otherwise 30 seconds.</summary>
    public TimeSpan Timeout => DeclaredTimeout ?? RpcTimeouts.Default;

    /// <summary>Whether the method can run twice for one call without harm: see <see cref="RpcIdempotentAttribute"/>.</summary>
    public virtual bool IsIdempotent => false;

    /// <summary>Whether the method never runs twice for one call: see <see cref="RpcAtMostOnceAttribute"/>.</summary>
    public virtual bool IsAtMostOnce => false;

    /// <summary>Whether the method takes a cancellation token. If it does not, the server creates none.</summary>
    public virtual bool IsCancellable => true;

    /// <summary>Whether callers wait for no reply: see <see cref="RpcOneWayAttribute"/>.</summary>
    public virtual bool IsOneWay => false;

    /// <summary>Whether the caller of a one-way method waits until the broker has confirmed the request: see <see cref="RpcOneWayAttribute.Confirm"/>.</summary>
    public virtual bool IsConfirmed => true;

    /// <summary>Whether every instance of the server gets the call: see <see cref="RpcBroadcastAttribute"/>. Broadcasts are always one-way.</summary>
    public virtual bool IsBroadcast => false;

    /// <summary>Whether requests survive a restart of the broker: see <see cref="RpcDurableAttribute"/>.</summary>
    public virtual bool IsDurable => false;

    /// <summary>Whether calls are long from the start: see <see cref="RpcLongRunningAttribute"/>.</summary>
    public virtual bool IsLongRunning => false;

    /// <summary>The priority of requests: see <see cref="RpcPriorityAttribute"/>.</summary>
    public virtual byte Priority => 0;

    /// <summary>Whether calls can share a message with other calls: see <see cref="RpcBatchingAttribute"/>.</summary>
    public virtual bool CanBatch => true;

    /// <summary>Whether only known callers can call: see <see cref="RpcAuthorizeAttribute"/> without a policy.</summary>
    public virtual bool RequiresAuthentication => false;

    /// <summary>The policies that a call must satisfy: see <see cref="RpcAuthorizeAttribute"/>.</summary>
    public virtual IReadOnlyList<string> Policies => [];

    /// <summary>The parameters in the order of the declaration, cancellation tokens left out. Each access creates a list.</summary>
    public virtual IReadOnlyList<RpcProperty> Parameters => [];

    /// <summary>Whether the method returns a stream of items (<see cref="IAsyncEnumerable{T}"/>) or of bytes (<see cref="Stream"/>) rather than one result.</summary>
    public bool IsStream => ItemTypeInfo is not null;

    /// <summary>How the items of a stream are written and read, for bytes the metadata of <c>byte[]</c>; null for a method that returns no stream.</summary>
    public virtual JsonTypeInfo? ItemTypeInfo => null;

    /// <summary>Whether the method returns a stream of bytes.</summary>
    internal virtual bool ReturnsBytes => false;

    /// <summary>Why JSON does not support the items of a stream; null if it does.</summary>
    internal virtual InvalidOperationException? ItemProblem => null;

    /// <summary>Fires when the server that this method belongs to begins to stop. Set once, before the first call.</summary>
    internal CancellationToken ServerStopping { get; set; }

    /// <summary>How results are written and read; null for a method that returns nothing, and for a stream.</summary>
    public abstract JsonTypeInfo? ResultTypeInfo { get; }

    /// <summary>Whether there is no contract, and the result is the reply's JSON itself, as <see cref="ReadOnlyMemory{T}"/> of bytes.</summary>
    internal virtual bool HasRawResult => false;

    /// <summary>Why JSON does not support the result; null if it does.</summary>
    internal abstract InvalidOperationException? ResultProblem { get; }

    /// <summary>The declared faults, a derived exception before its base.</summary>
    public virtual IReadOnlyList<RpcFault> Faults => [];
}
