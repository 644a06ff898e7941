namespace RpcGen.Client.Calls;

/// <summary>Sends calls. Thread-safe.</summary>
internal interface ICallSender
{
    /// <summary>Sends a waiting call, if there is a link. Otherwise it keeps waiting.</summary>
    void TrySend(PendingCall call, long generation);
}
