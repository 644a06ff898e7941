namespace RpcGen.Streams;

/// <summary>The limits of streams that both sides know.</summary>
internal static class StreamLimits
{
    /// <summary>What each message counts besides its body.</summary>
    public const int MessageOverhead = 256;

    /// <summary>The size from which on a message is full: the producer waits until it is sent.</summary>
    public const int MessageBytes = 64 * 1024;

    /// <summary>The size of a full message of bytes: what fits into one frame of RabbitMQ's default size.</summary>
    public const int ByteMessageBytes = (128 * 1024) - 8;

    /// <summary>How much is read from a source of bytes at a time.</summary>
    public const int PieceBytes = 64 * 1024;

    /// <summary>The window of a stream whose method names none.</summary>
    public const int DefaultWindow = 256 * 1024;

    /// <summary>The window of a stream when the connection's memory for streams is used up.</summary>
    public const int LeastWindow = 32 * 1024;

    /// <summary>The window up to which a stream grows whose method names none.</summary>
    public const int LargestWindow = 1024 * 1024;

    /// <summary>What a message counts.</summary>
    public static long CostOf(int bodyLength) => bodyLength + (long)MessageOverhead;
}
