namespace RpcGen.Client;

/// <summary>How far a call has come.</summary>
internal enum CallStage
{
    /// <summary>In the pool.</summary>
    Idle = 0,

    /// <summary>Being prepared by the caller's thread, or its queue being looked at; not to be sent by anyone else.</summary>
    Preparing = 1,

    /// <summary>Waiting for a connection that takes it.</summary>
    Waiting = 2,

    /// <summary>Taken by the one thread that sends it.</summary>
    Sending = 3,

    /// <summary>Handed to a connection, or about to be.</summary>
    Sent = 4,

    /// <summary>Has its outcome.</summary>
    Done = 5,
}
