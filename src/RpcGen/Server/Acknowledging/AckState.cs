namespace RpcGen.Server.Acknowledging;

/// <summary>The state of a delivery's acknowledgement. The legal moves are listed at <see cref="AckTracker"/>.</summary>
internal enum AckState
{
    /// <summary>The broker must keep the message: its calls have not ended, or their replies were not sent.</summary>
    Pending,

    /// <summary>The message is being acknowledged by itself, before its call runs.</summary>
    Early,

    /// <summary>The message is to be acknowledged with the next flush.</summary>
    Due,

    /// <summary>The message is acknowledged or rejected, or the broker never expected an acknowledgement.</summary>
    Settled,
}
