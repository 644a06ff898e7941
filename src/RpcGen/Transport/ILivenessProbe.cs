namespace RpcGen.Transport;

/// <summary>Distinguishes a dead connection from a slow one. Thread-safe. No member throws.</summary>
internal interface ILivenessProbe
{
    /// <summary>A number that changes whenever octets arrive from the broker, read or not.</summary>
    long Received { get; }

    /// <summary>How much of the sent data was acknowledged; null if the operating system does not say.</summary>
    SendProgress? ReadSendProgress();

    /// <summary>
    /// Asks the broker a question that it answers at once. Completes with the answer, however late, or with the end of the
    /// connection.
    /// </summary>
    Task AskAsync();

    /// <summary>
    /// Opens a second connection to the same node, up to the broker's first octets, and closes it. True if anything came back,
    /// even a refusal; false if the node cannot be reached or the wait was cancelled.
    /// </summary>
    Task<bool> IsReachableAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection at once, without notifying the broker.</summary>
    /// <param name="reason">The reason as a clause for messages.</param>
    void Cut(string reason);
}

/// <summary>How much of the data that was sent on a connection was acknowledged.</summary>
/// <param name="IsPending">Whether something was sent that the other side's operating system has not acknowledged.</param>
/// <param name="Retransmissions">How often the oldest such segment was sent again.</param>
/// <param name="AcknowledgedOctets">How much was acknowledged so far.</param>
internal readonly record struct SendProgress(bool IsPending, int Retransmissions, ulong AcknowledgedOctets);
