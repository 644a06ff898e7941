namespace RpcGen.Streams;

/// <summary>What happened to the other side of a call, or to the way to it.</summary>
internal enum StreamLossKind
{
    /// <summary>This process's connection for streams was lost.</summary>
    LinkLost,

    /// <summary>This process has closed its connection.</summary>
    Disposed,

    /// <summary>The peer's queue does not exist any more.</summary>
    PeerGone,

    /// <summary>The peer was silent for too long.</summary>
    PeerSilent,

    /// <summary>The peer does not know the call any more, or messages of the call were lost.</summary>
    MessagesLost,
}

/// <summary>Why the other side of a call can no longer be reached.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Reason">The reason as a clause for messages.</param>
internal sealed record StreamLoss(StreamLossKind Kind, string Reason);
