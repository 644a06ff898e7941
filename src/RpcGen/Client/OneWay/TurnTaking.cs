namespace RpcGen.Client.OneWay;

/// <summary>
/// Whether a message waits for the publisher confirm of the one before. RabbitMQ closes a channel when a message comes for a
/// missing exchange, and the whole connection if another message follows the close of its channel.
/// </summary>
internal enum TurnTaking
{
    /// <summary>The default exchange always exists.</summary>
    Never,

    /// <summary>A service's own exchange is durable: after one confirm, it is known to exist.</summary>
    UntilConfirmed,

    /// <summary>The exchange of broadcasts ends with the last instance.</summary>
    Always,
}
