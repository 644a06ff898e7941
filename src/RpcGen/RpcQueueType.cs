namespace RpcGen;

/// <summary>The types of request queue that a server can declare.</summary>
public enum RpcQueueType
{
    /// <summary>Durable, <c>x-queue-type: classic</c>. The fastest type.</summary>
    Classic = 0,

    /// <summary>Durable and replicated, <c>x-queue-type: quorum</c>. Survives the loss of a node; about three times the latency.</summary>
    Quorum = 1,

    /// <summary>Neither durable nor exclusive: deleted when the broker restarts. Newer brokers can be configured to refuse it.</summary>
    NonDurable = 2,

    /// <summary>Durable, without a type: the broker decides (<c>default_queue_type</c> of the virtual host, RabbitMQ 3.11 and later; classic otherwise).</summary>
    BrokerDefault = 3,
}
