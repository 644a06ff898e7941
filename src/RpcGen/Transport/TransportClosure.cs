namespace RpcGen.Transport;

/// <summary>Why a connection or channel is gone.</summary>
/// <param name="Reason">For people, such as <c>320 CONNECTION_FORCED - closed by operator</c>.</param>
/// <param name="Exception">The cause, where there is one.</param>
internal sealed record TransportClosure(string Reason, Exception? Exception = null)
{
    /// <summary>
    /// Whether a message that could not be decoded ended the connection: it is still in its queue and will be delivered
    /// again, to do the same.
    /// </summary>
    public bool IsUndecodableMessage { get; init; }
}
