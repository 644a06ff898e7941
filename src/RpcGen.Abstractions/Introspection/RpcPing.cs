namespace RpcGen;

/// <summary>A server's answer to a ping. Immutable.</summary>
public sealed class RpcPing
{
    /// <summary>The time from the question to the answer, including the wait in the queue.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>The instance that answered, and what it serves.</summary>
    public RpcServiceInstance Service { get; init; } = new();
}
