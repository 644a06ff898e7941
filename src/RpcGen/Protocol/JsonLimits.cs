namespace RpcGen.Protocol;

/// <summary>Limits on what is written and read.</summary>
internal static class JsonLimits
{
    /// <summary>How deep bodies may nest.</summary>
    public const int MaxDepth = 64;

    /// <summary>How large a body may be unless told otherwise: brokers from 4.0 on take 16 MiB, properties included.</summary>
    public const int MaxMessageBytes = 15 * 1024 * 1024;
}
