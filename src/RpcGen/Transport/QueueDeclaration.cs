namespace RpcGen.Transport;

/// <summary>A queue to be declared.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What kind of queue.</param>
/// <param name="MaxPriority">The highest priority that it tells from lower ones (<c>x-max-priority</c>); 0 for a queue without priorities.</param>
internal sealed record QueueDeclaration(string Name, QueueKind Kind, byte MaxPriority = 0)
{
    /// <summary>How the declaration reads in messages.</summary>
    public override string ToString() => $"'{Name}' ({Kind switch
    {
        QueueKind.Classic => "durable, x-queue-type=classic",
        QueueKind.Quorum => "durable, x-queue-type=quorum",
        QueueKind.Transient => "not durable, not exclusive",
        _ => "exclusive, auto-delete, not durable",
    }}{(MaxPriority == 0 ? "" : $", x-max-priority={MaxPriority}")})";
}

/// <summary>The kinds of queue that RpcGen declares.</summary>
internal enum QueueKind
{
    /// <summary>Durable, with <c>x-queue-type: classic</c>.</summary>
    Classic,

    /// <summary>Durable, with <c>x-queue-type: quorum</c>.</summary>
    Quorum,

    /// <summary>Neither durable nor exclusive, no arguments: gone with the broker's restart, as aio-pika's tutorial declares it.</summary>
    Transient,

    /// <summary>Exclusive to its connection, auto-delete: callback and cancel queues.</summary>
    Exclusive,
}

/// <summary>What a look at a queue shows.</summary>
/// <param name="ReadyMessages">Messages that wait, those delivered and not yet acknowledged left out.</param>
/// <param name="Consumers">Consumers registered, stuck ones included.</param>
internal readonly record struct QueueState(uint ReadyMessages, uint Consumers);
