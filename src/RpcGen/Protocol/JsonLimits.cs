namespace RpcGen.Protocol;

/// <summary>Limits of bodies.</summary>
internal static class JsonLimits
{
    /// <summary>The maximum depth of a body.</summary>
    public const int MaxDepth = 64;

    /// <summary>The most calls, or replies, in one batch; also the most calls of batches that a channel holds at a time.</summary>
    public const int MaxBatchEntries = 4096;

    /// <summary>The longest id or name in a batch, in bytes: as long as a property of a message.</summary>
    public const int MaxNameBytes = byte.MaxValue;

    /// <summary>The most headers of a call in a batch.</summary>
    public const int MaxBatchHeaders = 64;

    /// <summary>The longest headers of a call in a batch, as JSON, in bytes.</summary>
    public const int MaxBatchHeaderBytes = 16 * 1024;

    /// <summary>The longest head of an entry of a batch, with its line end, in bytes.</summary>
    public const int MaxBatchHeadBytes = 2 * MaxBatchHeaderBytes;

    /// <summary>The default maximum size of a body. RabbitMQ 4.0 and later accept 16 MiB, including properties.</summary>
    public const int MaxMessageBytes = 15 * 1024 * 1024;
}
