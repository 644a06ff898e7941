namespace RpcGen.Client;

/// <summary>Settings of one client. Null leaves the setting to contract, method or connection.</summary>
internal sealed record ClientSettings
{
    /// <summary>The request queue. Default: the contract's.</summary>
    public string? Queue { get; init; }

    /// <summary>The service's own exchange. Default: the contract's.</summary>
    public string? Exchange { get; init; }

    /// <summary>The timeout of calls. Default: the method's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether calls fail at once if the queue has no consumer. Default: the contract's.</summary>
    public bool? FailFast { get; init; }

    /// <summary>Whether calls can be batched. Default: the connection's.</summary>
    public bool? Batching { get; init; }

    /// <summary>How many calls can wait for their outcome at a time. Default: no limit.</summary>
    public int? MaxPendingCalls { get; init; }

    /// <summary>The interceptors of every call, the first one outermost.</summary>
    public IReadOnlyList<IRpcClientInterceptor> Interceptors { get; init; } = [];
}
