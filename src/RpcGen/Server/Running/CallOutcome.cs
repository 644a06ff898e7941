namespace RpcGen.Server.Running;

/// <summary>How a request ends on the server.</summary>
internal enum CallOutcome
{
    /// <summary>With a result, which is in the call's reply buffer.</summary>
    Replied,

    /// <summary>With a fault, which is in the call's reply buffer.</summary>
    Faulted,

    /// <summary>The request gets no answer: the caller has given up, or gave no valid reply address.</summary>
    Dropped,

    /// <summary>A one-way call ran.</summary>
    Completed,

    /// <summary>A one-way call failed or was refused: the request is rejected, so that a dead-letter exchange gets it.</summary>
    Rejected,

    /// <summary>The request is sent back: it does not run, and its caller decides whether to send it again.</summary>
    SentBack,

    /// <summary>The message is a batch: its calls have outcomes of their own.</summary>
    Opened,
}
