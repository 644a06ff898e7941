namespace RpcGen.Runtime;

/// <summary>What lives longer than the call that started it must not keep that call's ambient values.</summary>
internal static class AmbientFlow
{
    /// <summary>Keeps ambient values from flowing until disposed; null where they do not flow anyway.</summary>
    public static AsyncFlowControl? Suppress() => ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
}
