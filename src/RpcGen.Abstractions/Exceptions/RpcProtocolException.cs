namespace RpcGen;

/// <summary>
/// A message broke the protocol: not JSON, too large, too deep, of another content type, for a method the server does not
/// have, or a reply that can't be read.
/// </summary>
public sealed class RpcProtocolException : RpcException
{
    /// <summary>Makes the exception from what was wrong.</summary>
    public RpcProtocolException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
