namespace RpcGen.Server.Acknowledging;

/// <summary>What happens to a delivery when one of its calls ends.</summary>
internal enum AckDecision
{
    /// <summary>The call is answered, as far as it needs an answer: the delivery is acknowledged.</summary>
    Acknowledge,

    /// <summary>The call is not answered: the broker keeps the message for another server.</summary>
    Keep,

    /// <summary>The message was a batch: its calls decide.</summary>
    LeaveToBatch,
}
