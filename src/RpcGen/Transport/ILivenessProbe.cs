namespace RpcGen.Transport;

/// <summary>Tells a connection whose way to the broker is dead from one that is only slow. Thread-safe; nothing here throws.</summary>
internal interface ILivenessProbe
{
    /// <summary>A number that changes whenever octets arrive from the broker, read or not.</summary>
    long Received { get; }

    /// <summary>How far the operating system is with what was sent; null if it does not tell.</summary>
    SendProgress? ReadSendProgress();

    /// <summary>
    /// Asks the broker a question that it answers at once. Completes with the answer, however late, or with the end of the
    /// connection.
    /// </summary>
    Task AskAsync();

    /// <summary>
    /// Opens a second connection to the same node, up to the broker's first octets, and closes it. True if anything came back,
    /// be it a refusal; false if the node cannot be reached or the wait was cancelled.
    /// </summary>
    Task<bool> IsReachableAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection at once, without a word to the broker.</summary>
    /// <param name="reason">The reason as a clause for messages.</param>
    void Cut(string reason);
}

/// <summary>How far the operating system is with what was sent on a connection.</summary>
/// <param name="IsPending">Whether something was sent that the other side's operating system has not acknowledged.</param>
/// <param name="Retransmissions">How often the oldest such segment was sent again.</param>
/// <param name="AcknowledgedOctets">How much was acknowledged so far.</param>
internal readonly record struct SendProgress(bool IsPending, int Retransmissions, ulong AcknowledgedOctets);
