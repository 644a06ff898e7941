namespace RpcGen.Client.Calls;

/// <summary>The stages of a pending message. <see cref="PendingMessage"/> has the table of legal moves.</summary>
internal enum CallStage
{
    /// <summary>Nobody uses the object: it is in its pool, or on its way there.</summary>
    Idle = 0,

    /// <summary>The caller's thread prepares it, or its queue is being inspected. No other thread sends it.</summary>
    Preparing = 1,

    /// <summary>It waits for a link that takes it.</summary>
    Waiting = 2,

    /// <summary>One thread has taken it for sending and records the link.</summary>
    Sending = 3,

    /// <summary>It was handed to a link, or is about to be.</summary>
    Sent = 4,

    /// <summary>One thread has won the right to give it its outcome.</summary>
    Done = 5,
}
