namespace RpcGen.Client.Calls;

/// <summary>Sends calls again whose server is lost. Keeps <c>Calls</c> independent of <c>Batching</c>. Thread-safe.</summary>
internal interface ISentBackSender
{
    /// <summary>Sends a call again, as if its request had come back. For a thread that pins it.</summary>
    void SendAgain(PendingCall call, long generation);
}
