namespace RpcGen.Runtime;

/// <summary>Keeps ambient values (<see cref="AsyncLocal{T}"/>) of a caller from work that outlives it.</summary>
internal static class AmbientFlow
{
    /// <summary>Stops the flow of ambient values until disposal; null if it is stopped already.</summary>
    public static AsyncFlowControl? Suppress() => ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
}
