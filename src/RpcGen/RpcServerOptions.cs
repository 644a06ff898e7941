using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Settings;

namespace RpcGen;

/// <summary>Settings of one server. Copied when used: later changes have no effect.</summary>
public sealed class RpcServerOptions
{
    /// <summary>The longest time that RabbitMQ accepts is 2³² - 1 ms, a little more.</summary>
    private static readonly TimeSpan MaxQueueExpiry = TimeSpan.FromDays(49);

    /// <summary>Creates options with the defaults.</summary>
    public RpcServerOptions()
    {
    }

    /// <summary>Copies other options, lists included.</summary>
    public RpcServerOptions(RpcServerOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Queue = other.Queue;
        Exchange = other.Exchange;
        MaxConcurrentCalls = other.MaxConcurrentCalls;
        MaxStreams = other.MaxStreams;
        LongCallAfter = other.LongCallAfter;
        MaxLongCalls = other.MaxLongCalls;
        GracePeriod = other.GracePeriod;
        QueueType = other.QueueType;
        MaxPriority = other.MaxPriority;
        QueueExpiresAfter = other.QueueExpiresAfter;
        DeadLetterQueue = other.DeadLetterQueue;
        UseExistingQueue = other.UseExistingQueue;
        EnableDetailedErrors = other.EnableDetailedErrors;
        MaxTimeout = other.MaxTimeout;
        ConsumerTimeout = other.ConsumerTimeout;
        RejectWhenOverloaded = other.RejectWhenOverloaded;
        DescriptionPolicy = other.DescriptionPolicy;
        Discoverable = other.Discoverable;
        Authenticator = other.Authenticator;
        Authorizer = other.Authorizer;
        MaxKeyedElements = other.MaxKeyedElements;
        Interceptors = [.. other.Interceptors];
    }

    /// <summary>The request queue. Default: the contract's.</summary>
    public string? Queue { get; set; }

    /// <summary>
    /// The service's own direct exchange, through which requests come. The broker's permissions can then allow a caller to call
    /// this service and no other. The server declares it unless it exists, and binds the queue to it. Default: the contract's
    /// (<see cref="AmqpRpcAttribute.Exchange"/>), otherwise the default exchange. An empty string means the default exchange, even
    /// if the contract names another.
    /// </summary>
    public string? Exchange { get; set; }

    /// <summary>The maximum number of calls that run at the same time, 1 to 65535. The broker delivers no more requests than that. Default: 64.</summary>
    public int MaxConcurrentCalls { get; set; } = 64;

    /// <summary>
    /// The maximum number of streams that are open at a time, 1 or more. They do not count as running calls. The caller of one more
    /// gets <see cref="RpcUnavailableException"/> with <see cref="RpcUnavailableReason.Overloaded"/>. Default: 1,000.
    /// </summary>
    public int MaxStreams { get; set; } = 1000;

    /// <summary>
    /// The time after its delivery at which a running call becomes a long call: positive, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for never. The broker's
    /// <c>consumer_timeout</c> does not matter to long calls, and they survive the loss of a connection: their callers and servers watch each other, and
    /// the outcome does not need the channel of the request. A long call keeps its place among the running calls. With a short <see cref="ConsumerTimeout"/>, calls become long
    /// earlier. Default: 30 seconds.
    /// </summary>
    /// <remarks>
    /// One-way calls, broadcasts and durable calls never become long, and neither do calls of clients that do not support it. See
    /// <see cref="RpcLongRunningAttribute"/> for methods whose calls are long from the start.
    /// </remarks>
    public TimeSpan LongCallAfter { get; set; } = ServerSettings.DefaultLongCallAfter;

    /// <summary>
    /// The maximum number of calls of <see cref="RpcLongRunningAttribute"/> methods that run at the same time, 1 or more. They do not count as running calls
    /// (<see cref="MaxConcurrentCalls"/>) once their callers know who runs them. The caller of one more gets <see cref="RpcUnavailableException"/> with
    /// <see cref="RpcUnavailableReason.Overloaded"/>. Default: 1,000.
    /// </summary>
    public int MaxLongCalls { get; set; } = 1000;

    /// <summary>
    /// How long stopping waits for running calls: zero, positive or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.
    /// Requests that have not ended by then return to the queue. Default: 30 seconds.
    /// </summary>
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The type of the queue that is declared. Default: <see cref="RpcQueueType.Classic"/>.</summary>
    public RpcQueueType QueueType { get; set; }

    /// <summary>
    /// The highest priority of the queue (<c>x-max-priority</c>), 1 to 255, or 0 for a queue without priorities. Default: 0.
    /// </summary>
    /// <remarks>
    /// Each level costs the broker memory. A few are enough, and <see cref="RpcPriorityAttribute"/> sets 9 at most. A quorum
    /// queue does not support this setting. From RabbitMQ 4.0 on, it has priorities without it.
    /// </remarks>
    public int MaxPriority { get; set; }

    /// <summary>
    /// The broker deletes the queue, with the requests in it, after it has had no consumer for so long (<c>x-expires</c>): 1 ms to 49 days, and longer than any
    /// pause of the service. Callers then learn at once that nobody serves it. Default: null, which means never.
    /// </summary>
    /// <remarks>An existing queue cannot be changed. A policy (<c>expires</c>) works for existing queues, too.</remarks>
    public TimeSpan? QueueExpiresAfter { get; set; }

    /// <summary>
    /// The queue for one-way requests that failed or were refused. Headers say why (docs/protocol.md). It is declared when the server starts, with the same
    /// <see cref="QueueType"/>. Default: null, which means that such requests are rejected: the broker passes them to the queue's dead-letter exchange
    /// if it has one, without the reason.
    /// </summary>
    /// <remarks>
    /// A request is acknowledged once the broker has confirmed its dead letter. If the connection is lost in between, the request runs again and can have
    /// two dead letters. If the dead letter cannot be sent, a warning is logged, and the request is rejected. The server's user needs the permission
    /// to write to the default exchange.
    /// </remarks>
    public string? DeadLetterQueue { get; set; }

    /// <summary>Whether the queue must already exist and is served as it is, instead of being declared. Default: false.</summary>
    public bool UseExistingQueue { get; set; }

    /// <summary>
    /// Whether callers get type, message and stack of exceptions that the contract does not declare. For development only:
    /// these details can disclose internals of the server. Default: false.
    /// </summary>
    public bool EnableDetailedErrors { get; set; }

    /// <summary>
    /// The maximum number of elements of a dictionary or set in a request, 1 or more. A request with more is refused, because
    /// callers can choose keys with equal hashes, and the time to read a collection of such keys grows with the square of its size. Default: 20,000.
    /// </summary>
    /// <remarks>
    /// Collections whose keys are strings, and sorted sets and dictionaries, are not limited: their keys cannot be made to collide.
    /// If a request has several limited collections, the sum of the squares of their sizes is limited to the square of this
    /// number. The limit does not apply inside types that have their own converter.
    /// </remarks>
    public int MaxKeyedElements { get; set; } = RpcJson.DefaultMaxKeyedElements;

    /// <summary>
    /// Interceptors of the calls that this server runs, the outermost first. They run inside those of
    /// <see cref="RpcConnectionOptions.ServerInterceptors"/>. Default: none.
    /// </summary>
    public IList<IRpcServerInterceptor> Interceptors { get; } = [];

    /// <summary>
    /// The longest time limit that a caller can ask for, for methods without <see cref="RpcTimeoutAttribute"/>: positive or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. A method's own <see cref="RpcTimeoutAttribute"/> is its longest
    /// limit instead. When the limit has passed, the handler's token fires, even if the caller asked for more time. Default: null, which
    /// means 30 minutes.
    /// </summary>
    public TimeSpan? MaxTimeout { get; set; }

    /// <summary>
    /// How long the broker lets a server hold a request without acknowledging it (<c>consumer_timeout</c>): positive, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for brokers without this limit. Calls that take longer than four
    /// fifths of it are given up: the handler's token fires, the caller gets <see cref="RpcConnectionException"/>, and the request
    /// is not run again. If the broker names another limit, that limit is used. Default: 30 minutes, as on the broker.
    /// </summary>
    public TimeSpan ConsumerTimeout { get; set; } = ServerSettings.DefaultConsumerTimeout;

    /// <summary>
    /// Whether requests that have waited too long to end in time are refused at once. The caller gets
    /// <see cref="RpcUnavailableException"/> with <see cref="RpcUnavailableReason.Overloaded"/>. If false, an overloaded server
    /// works mostly for callers that have given up. Default: true.
    /// </summary>
    public bool RejectWhenOverloaded { get; set; } = true;

    /// <summary>
    /// Whether <see cref="RpcConnection.FindServicesAsync"/> finds the server. It then binds its queue for questions to the exchange
    /// <c>rpc.services</c>. If the broker refuses that, a warning is logged, and the server works like any other. Default: true.
    /// </summary>
    public bool Discoverable { get; set; } = true;

    /// <summary>
    /// Who can ask for the server's description (<see cref="RpcConnection.DescribeAsync"/>) and statistics (<see cref="RpcConnection.GetStatisticsAsync"/>), and watch its calls (<see cref="RpcConnection.WatchAsync"/>): null for anyone who can call it, a
    /// policy, which <see cref="Authorizer"/> checks, or an empty string for nobody. Default: null.
    /// </summary>
    public string? DescriptionPolicy { get; set; }

    /// <summary>
    /// Identifies the caller of a call, before its arguments are read. Default: null, which means
    /// <see cref="RpcConnectionOptions.Authenticator"/>.
    /// </summary>
    public IRpcAuthenticator? Authenticator { get; set; }

    /// <summary>
    /// Decides on the policies of <see cref="RpcAuthorizeAttribute"/>, before a call's arguments are read. Default: null, which
    /// means <see cref="RpcConnectionOptions.Authorizer"/>.
    /// </summary>
    public IRpcAuthorizer? Authorizer { get; set; }

    internal void Validate()
    {
        Interceptor.ThrowIfInvalid(Interceptors, nameof(Interceptors));
        QueueNames.ThrowIfInvalid(Queue, nameof(Queue));
        QueueNames.ThrowIfInvalid(DeadLetterQueue, nameof(DeadLetterQueue));
        if (DeadLetterQueue is not null && DeadLetterQueue == Queue)
        {
            throw new ArgumentException("DeadLetterQueue must not be the request queue: its requests would come back for ever.", nameof(DeadLetterQueue));
        }

        QueueNames.ThrowIfInvalidExchange(Exchange, nameof(Exchange));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentCalls, 1, nameof(MaxConcurrentCalls));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxConcurrentCalls, ushort.MaxValue, nameof(MaxConcurrentCalls));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStreams, 1, nameof(MaxStreams));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLongCalls, 1, nameof(MaxLongCalls));
        RpcTimeouts.ThrowIfInvalid(LongCallAfter, nameof(LongCallAfter));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxKeyedElements, 1, nameof(MaxKeyedElements));
        if (GracePeriod != TimeSpan.Zero)
        {
            RpcTimeouts.ThrowIfInvalid(GracePeriod, nameof(GracePeriod));
        }

        RpcTimeouts.ThrowIfInvalid(MaxTimeout, nameof(MaxTimeout));
        RpcTimeouts.ThrowIfInvalid(ConsumerTimeout, nameof(ConsumerTimeout));
        if (!Enum.IsDefined(QueueType))
        {
            throw new ArgumentOutOfRangeException(nameof(QueueType), QueueType, $"{nameof(QueueType)} must be {string.Join(" or ", Enum.GetNames<RpcQueueType>())}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(MaxPriority, nameof(MaxPriority));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPriority, byte.MaxValue, nameof(MaxPriority));
        if (MaxPriority > 0 && QueueType == RpcQueueType.Quorum)
        {
            throw new ArgumentException(
                "MaxPriority is for classic queues: brokers refuse x-max-priority on quorum queues, which have their own priorities from RabbitMQ 4.0 on. Remove it, or choose another QueueType.",
                nameof(MaxPriority));
        }

        if (QueueExpiresAfter is { } time && (time < TimeSpan.FromMilliseconds(1) || time > MaxQueueExpiry))
        {
            throw new ArgumentOutOfRangeException(nameof(QueueExpiresAfter), time, $"{nameof(QueueExpiresAfter)} must be 1 ms to {MaxQueueExpiry.Days} days. To keep the queue, leave it null.");
        }
    }
}
