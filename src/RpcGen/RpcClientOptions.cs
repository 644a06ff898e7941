using RpcGen.Client;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen;

/// <summary>Settings of one client. Copied when used: later changes have no effect.</summary>
public sealed class RpcClientOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public RpcClientOptions()
    {
    }

    /// <summary>Copies other options, lists included.</summary>
    public RpcClientOptions(RpcClientOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Queue = other.Queue;
        Exchange = other.Exchange;
        Timeout = other.Timeout;
        FailFast = other.FailFast;
        Batching = other.Batching;
        MaxPendingCalls = other.MaxPendingCalls;
        MaxKeyedElements = other.MaxKeyedElements;
        Interceptors = [.. other.Interceptors];
    }

    /// <summary>The request queue. Default: the contract's.</summary>
    public string? Queue { get; set; }

    /// <summary>
    /// The service's own direct exchange, to which requests are published. The broker's permissions can then allow a caller to
    /// call this service and no other. Default: the contract's (<see cref="AmqpRpcAttribute.Exchange"/>), otherwise the default
    /// exchange. An empty string means the default exchange, even if the contract names another.
    /// </summary>
    public string? Exchange { get; set; }

    /// <summary>
    /// The time limit of calls, for all methods: positive or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. Default:
    /// the method's or the contract's <see cref="RpcTimeoutAttribute"/>, otherwise 30 seconds.
    /// </summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Whether calls fail at once if the queue has no consumer. Default: the contract's <see cref="AmqpRpcAttribute.FailFast"/>.</summary>
    public bool? FailFast { get; set; }

    /// <summary>Whether waiting calls can share a message. Default: the value of <see cref="RpcConnectionOptions.Batching"/>.</summary>
    public bool? Batching { get; set; }

    /// <summary>
    /// The maximum number of calls of this client that wait for their outcome at the same time, 1 or more. Further calls throw
    /// <see cref="RpcUnavailableException"/> at once, with <see cref="RpcUnavailableReason.TooManyCalls"/>. These calls also count
    /// for <see cref="RpcConnectionOptions.MaxPendingCalls"/>. Default: null, no limit.
    /// </summary>
    public int? MaxPendingCalls { get; set; }

    /// <summary>
    /// The maximum number of elements of a dictionary or set in a result, 1 or more: see <see cref="RpcServerOptions.MaxKeyedElements"/>. A
    /// result with more throws <see cref="RpcProtocolException"/>. Default: 20,000.
    /// </summary>
    public int MaxKeyedElements { get; set; } = RpcJson.DefaultMaxKeyedElements;

    /// <summary>
    /// Interceptors of this client's calls, the outermost first. They run inside those of
    /// <see cref="RpcConnectionOptions.ClientInterceptors"/>. Default: none.
    /// </summary>
    public IList<IRpcClientInterceptor> Interceptors { get; } = [];

    /// <summary>The settings of a client of a connection.</summary>
    internal ClientSettings ToSettings(RpcConnectionOptions connection) => new()
    {
        Queue = Queue,
        Exchange = Exchange,
        Timeout = Timeout,
        FailFast = FailFast,
        Batching = Batching,
        MaxPendingCalls = MaxPendingCalls,
        Interceptors = [.. connection.ClientInterceptors, .. Interceptors, .. Innermost(connection)],
    };

    private static IRpcClientInterceptor[] Innermost(RpcConnectionOptions connection) =>
        connection.InnermostClientInterceptor is { } interceptor ? [interceptor] : [];

    internal void Validate()
    {
        Interceptor.ThrowIfInvalid(Interceptors, nameof(Interceptors));
        QueueNames.ThrowIfInvalid(Queue, nameof(Queue));
        QueueNames.ThrowIfInvalidExchange(Exchange, nameof(Exchange));
        RpcTimeouts.ThrowIfInvalid(Timeout, nameof(Timeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingCalls ?? 1, 1, nameof(MaxPendingCalls));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxKeyedElements, 1, nameof(MaxKeyedElements));
    }
}
