namespace RpcGen.Generated;

/// <summary>What a single call overrides; null leaves what client, method and contract say.</summary>
public sealed record RpcCallOptions
{
    /// <summary>Nothing overridden.</summary>
    public static RpcCallOptions None { get; } = new();

    /// <summary>How long the call may take.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether the call fails at once when nobody consumes the queue.</summary>
    public bool? FailFast { get; init; }

    /// <summary>The priority of the request, of use where the queue has priorities.</summary>
    public byte? Priority { get; init; }

    /// <summary>What goes with the request beside the arguments.</summary>
    public RpcMetadata? Metadata { get; init; }

    /// <summary>Where what comes with the reply beside the result is put.</summary>
    public RpcMetadata? ReplyMetadata { get; init; }
}
