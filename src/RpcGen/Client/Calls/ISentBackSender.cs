namespace RpcGen.Client.Calls;

/// <summary>Sends calls that a server sent back. Keeps <c>Calls</c> independent of <c>Batching</c>. Thread-safe.</summary>
internal interface ISentBackSender
{
    /// <summary>Sends a waiting call that was sent back, if there is a link. Otherwise it keeps waiting.</summary>
    void TrySend(PendingCall call, long generation);

    /// <summary>Sends a call again whose server is lost, as if its request had come back. For a thread that pins it.</summary>
    void SendAgain(PendingCall call, long generation);
}
