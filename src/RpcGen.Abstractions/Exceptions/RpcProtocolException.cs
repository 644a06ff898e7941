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

    /// <summary>
    /// The fault's code if the server refused the request or cannot send its result: <c>protocol</c>, <c>too-large</c>, <c>unknown-method</c>,
    /// <c>unsupported</c> or <c>result-too-large</c>. <c>too-large</c> also if the request exceeds a limit of the client or of the broker.
    /// Null for everything else that the client found.
    /// </summary>
    public string? Code { get; init; }
}
