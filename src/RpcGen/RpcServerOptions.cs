using RpcGen.Protocol;

namespace RpcGen;

/// <summary>Settings of one server. Immutable.</summary>
public sealed record RpcServerOptions
{
    /// <summary>The request queue; the contract's unless set.</summary>
    public string? Queue { get; init; }

    /// <summary>How many calls run at the same time, 1 to 65535; 64 unless set. The broker hands out no more than these.</summary>
    public int MaxConcurrentCalls { get; init; } = 64;

    /// <summary>How long stopping waits for the calls that run; 30 seconds unless set. What is not done then goes back to the queue.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What kind of queue is declared; <see cref="RpcQueueType.Classic"/> unless set.</summary>
    public RpcQueueType QueueType { get; init; }

    /// <summary>
    /// The highest priority that the queue tells from lower ones (<c>x-max-priority</c>), 1 to 255; 0 unless set: a queue
    /// without priorities. Each level costs the broker: a handful is enough, and 9 the most that
    /// <see cref="RpcPriorityAttribute"/> gives. A quorum queue takes none: from RabbitMQ 4.0 on it has priorities anyway.
    /// </summary>
    public int MaxPriority { get; init; }

    /// <summary>Whether the queue must exist already and is served as it is, rather than declared.</summary>
    public bool UseExistingQueue { get; init; }

    /// <summary>
    /// Whether callers get type, message and stack of exceptions that the contract does not declare. For development:
    /// these tell about the server's inside.
    /// </summary>
    public bool EnableDetailedErrors { get; init; }

    /// <summary>
    /// What every call passes through before it runs, the first one outermost; inside of those that
    /// <see cref="RpcConnectionOptions.ServerInterceptors"/> names for all servers.
    /// </summary>
    public IReadOnlyList<IRpcServerInterceptor> Interceptors { get; init; } = [];

    internal void Validate()
    {
        Interceptor.ThrowIfInvalid(Interceptors, nameof(Interceptors));
        QueueNames.ThrowIfInvalid(Queue, nameof(Queue));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentCalls, 1, nameof(MaxConcurrentCalls));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxConcurrentCalls, ushort.MaxValue, nameof(MaxConcurrentCalls));
        if (GracePeriod != TimeSpan.Zero)
        {
            RpcTimeouts.ThrowIfInvalid(GracePeriod, nameof(GracePeriod));
        }

        if (!Enum.IsDefined(QueueType))
        {
            throw new ArgumentOutOfRangeException(nameof(QueueType), QueueType, "QueueType must be Classic, Quorum or NonDurable.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(MaxPriority, nameof(MaxPriority));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPriority, byte.MaxValue, nameof(MaxPriority));
        if (MaxPriority > 0 && QueueType == RpcQueueType.Quorum)
        {
            throw new ArgumentException(
                "MaxPriority is for classic queues: brokers refuse x-max-priority on quorum queues, which have priorities of their own from RabbitMQ 4.0 on. Leave it out, or choose another QueueType.",
                nameof(MaxPriority));
        }
    }
}
