namespace RpcGen.Transport;

/// <summary>The connection or channel was closed, before this call or by something else during it.</summary>
internal sealed class TransportClosedException(TransportClosure closure, bool nothingSent)
    : Exception(closure.Reason, closure.Exception)
{
    /// <summary>How it was closed.</summary>
    public TransportClosure Closure { get; } = closure;

    /// <summary>Whether what should have been sent surely was not.</summary>
    public bool NothingSent { get; } = nothingSent;
}

/// <summary>The broker refused what was asked and closed the channel.</summary>
internal sealed class TransportRefusedException(ushort code, string reason, Exception? innerException = null)
    : Exception(reason, innerException)
{
    /// <summary>AMQP reply code NOT_FOUND.</summary>
    public const ushort NotFound = 404;

    /// <summary>AMQP reply code RESOURCE_LOCKED.</summary>
    public const ushort ResourceLocked = 405;

    /// <summary>AMQP reply code PRECONDITION_FAILED.</summary>
    public const ushort PreconditionFailed = 406;

    /// <summary>The AMQP reply code.</summary>
    public ushort Code { get; } = code;
}
