namespace RpcGen.Transport;

/// <summary>The connection or channel is closed: it was before this call, or closed during it.</summary>
internal sealed class TransportClosedException(TransportClosure closure, bool nothingSent)
    : Exception(closure.Reason, closure.Exception)
{
    /// <summary>Why it closed.</summary>
    public TransportClosure Closure { get; } = closure;

    /// <summary>Whether it is certain that nothing was sent.</summary>
    public bool NothingSent { get; } = nothingSent;
}
