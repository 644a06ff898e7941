namespace RpcGen;

/// <summary>
/// A message broke the protocol: not JSON, too large, nested too deeply, of another content type, for a method that the
/// server does not have, or a reply that cannot be read.
/// </summary>
public sealed class RpcProtocolException : RpcException
{
    /// <summary>Creates the exception from what was wrong and its cause, if any.</summary>
    public RpcProtocolException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
