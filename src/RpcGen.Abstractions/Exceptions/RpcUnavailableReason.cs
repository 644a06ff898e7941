namespace RpcGen;

/// <summary>Why a service cannot take a call.</summary>
public enum RpcUnavailableReason
{
    /// <summary>The queue does not exist. For a broadcast: no instance is running.</summary>
    NoQueue = 0,

    /// <summary>The queue has no consumer, and <c>FailFast</c> is set.</summary>
    NoConsumer = 1,

    /// <summary>The queue is full and refuses further messages.</summary>
    QueueFull = 2,

    /// <summary>The server stops, or has more to do than it can finish in time.</summary>
    Overloaded = 3,

    /// <summary>The limit <c>MaxPendingCalls</c> of the connection or client is reached.</summary>
    TooManyCalls = 4,

    /// <summary>The queue exists, but its node is down or cannot be reached, or the queue has failed.</summary>
    QueueUnreachable = 5,
}
