namespace RpcGen;

/// <summary>Nobody serves the queue: it does not exist or, for calls that fail fast, has no consumer. The call did not run.</summary>
public sealed class RpcUnavailableException : RpcException
{
    /// <summary>Makes the exception for a queue.</summary>
    public RpcUnavailableException(string message, string queue, Exception? innerException = null)
        : base(message, innerException) => Queue = queue;

    /// <summary>The queue that nobody serves.</summary>
    public string Queue { get; }
}
