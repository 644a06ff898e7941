namespace RpcGen;

/// <summary>Why a service cannot take a call.</summary>
public enum RpcUnavailableReason
{
    /// <summary>The queue does not exist; for a broadcast: no instance is running.</summary>
    NoQueue = 0,

    /// <summary>Nobody consumes the queue, and the call was told to fail fast.</summary>
    NoConsumer = 1,

    /// <summary>The queue is full and refuses further messages.</summary>
    QueueFull = 2,

    /// <summary>The server stops, or has more to do than it can finish in time.</summary>
    Overloaded = 3,

    /// <summary>As many calls wait for their outcome as <c>MaxPendingCalls</c> of the connection or client allows.</summary>
    TooManyCalls = 4,

    /// <summary>The queue exists, but its node is down or cannot be reached, or the queue has failed.</summary>
    QueueUnreachable = 5,
}
