namespace RpcGen;

/// <summary>Whether the handler ran, as far as is known when a call fails.</summary>
public enum RpcExecution
{
    /// <summary>The handler may have run, and may still run. Repeat the call only if its method is idempotent.</summary>
    Unknown = 0,

    /// <summary>The handler did not run. Repeating the call is safe.</summary>
    NotStarted = 1,

    /// <summary>The handler ran, at least in part.</summary>
    Started = 2,
}
