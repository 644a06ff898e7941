namespace RpcGen;

/// <summary>The kinds of request queue that a server can declare.</summary>
public enum RpcQueueType
{
    /// <summary>Durable, <c>x-queue-type: classic</c>: the quickest.</summary>
    Classic = 0,

    /// <summary>Durable and replicated, <c>x-queue-type: quorum</c>: survives the loss of a node, at about three times the latency.</summary>
    Quorum = 1,

    /// <summary>Neither durable nor exclusive: gone when the broker restarts. Newer brokers may be set to refuse it.</summary>
    NonDurable = 2,
}
