namespace RpcGen.Transport;

/// <summary>A queue to declare.</summary>
/// <param name="Name">The queue's name.</param>
/// <param name="Kind">The kind of queue.</param>
/// <param name="MaxPriority">The highest priority that the queue distinguishes (<c>x-max-priority</c>); 0 for none.</param>
/// <param name="ExpiresAfter">The broker deletes the queue after it had no consumer for so long (<c>x-expires</c>); null for never.</param>
internal sealed record QueueDeclaration(string Name, QueueKind Kind, byte MaxPriority = 0, TimeSpan? ExpiresAfter = null)
{
    /// <summary><see cref="ExpiresAfter"/> in milliseconds; null for never.</summary>
    public long? ExpiresAfterMilliseconds => ExpiresAfter is { } time ? (long)time.TotalMilliseconds : null;

    /// <summary>Whether the queue survives a restart of the broker.</summary>
    public bool IsDurable => Kind is QueueKind.Classic or QueueKind.Quorum or QueueKind.BrokerDefault;

    /// <summary>The declaration as messages show it.</summary>
    public override string ToString() => $"'{Name}' ({Kind switch
    {
        QueueKind.Classic => "durable, x-queue-type=classic",
        QueueKind.Quorum => "durable, x-queue-type=quorum",
        QueueKind.BrokerDefault => "durable, without x-queue-type",
        QueueKind.Transient => "not durable, not exclusive",
        _ => "exclusive, auto-delete, not durable",
    }}{(MaxPriority == 0 ? "" : $", x-max-priority={MaxPriority}")}{(ExpiresAfterMilliseconds is { } expires ? $", x-expires={expires}" : "")})";
}

/// <summary>The kinds of queue that RpcGen declares.</summary>
internal enum QueueKind
{
    /// <summary>Durable, with <c>x-queue-type: classic</c>.</summary>
    Classic,

    /// <summary>Durable, with <c>x-queue-type: quorum</c>.</summary>
    Quorum,

    /// <summary>Durable, without <c>x-queue-type</c>: the broker decides.</summary>
    BrokerDefault,

    /// <summary>Neither durable nor exclusive, without arguments, as in RabbitMQ's RPC tutorial. Lost when the broker restarts.</summary>
    Transient,

    /// <summary>Exclusive to its connection and deleted with its last consumer: for callbacks and cancels.</summary>
    Exclusive,
}
