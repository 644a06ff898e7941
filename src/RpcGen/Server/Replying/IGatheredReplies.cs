namespace RpcGen.Server.Replying;

/// <summary>Gathered replies that a worker sends once it finds no call to start.</summary>
internal interface IGatheredReplies
{
    /// <summary>Whether more replies are about to follow. The worker then does other work first.</summary>
    bool IsWorthWaiting();

    /// <summary>Sends what is gathered. Never throws.</summary>
    Task SendAsync();
}

/// <summary>The queue of <see cref="IGatheredReplies"/> that workers look at when they find no call to start.</summary>
internal interface IGatheredReplyQueue
{
    /// <summary>Adds replies, and makes sure that a worker finds them.</summary>
    void Add(IGatheredReplies replies);
}
