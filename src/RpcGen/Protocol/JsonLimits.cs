namespace RpcGen.Protocol;

/// <summary>Limits of bodies.</summary>
internal static class JsonLimits
{
    /// <summary>The maximum depth of a body.</summary>
    public const int MaxDepth = 64;

    /// <summary>The default maximum size of a body. RabbitMQ 4.0 and later accept 16 MiB, including properties.</summary>
    public const int MaxMessageBytes = 15 * 1024 * 1024;
}
