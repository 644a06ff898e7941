namespace RpcGen.Client.Calls;

/// <summary>
/// Receives the reply of a call. Today every call has one result; a stream would be another receiver. Only the
/// thread that won <see cref="PendingMessage.TryComplete(long, out CallStage)"/> calls it.
/// </summary>
internal interface IReplyReceiver
{
    /// <summary>Reads a result and keeps it for <see cref="Complete"/>.</summary>
    /// <exception cref="Exception">The body cannot be read as the result.</exception>
    void Read(ReadOnlySpan<byte> body);

    /// <summary>Gives the caller the result that was read. The caller can continue before this returns.</summary>
    void Complete();

    /// <summary>Gives the caller an exception. The caller can continue before this returns.</summary>
    void Fail(Exception exception);

    /// <summary>Prepares for the next call and goes back to the pool.</summary>
    /// <returns>False if the pool is full: the receiver and its call are not used again.</returns>
    bool TryRecycle();
}
