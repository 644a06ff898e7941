namespace RpcGen.Transport;

/// <summary>The broker refused the operation and closed the channel.</summary>
internal sealed class TransportRefusedException(ushort code, string reason, Exception? innerException = null)
    : Exception(reason, innerException)
{
    /// <summary>The broker's reply code, one of <see cref="AmqpReplyCodes"/> or another.</summary>
    public ushort Code { get; } = code;
}
