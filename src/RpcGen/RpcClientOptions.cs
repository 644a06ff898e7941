using RpcGen.Protocol;

namespace RpcGen;

/// <summary>Settings of one client. Immutable.</summary>
public sealed record RpcClientOptions
{
    /// <summary>The request queue; the contract's unless set.</summary>
    public string? Queue { get; init; }

    /// <summary>
    /// How long a call may take, for all methods; positive or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.
    /// Unless set: what method or contract say with <see cref="RpcTimeoutAttribute"/>, else 30 seconds.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether calls fail at once when nobody consumes the queue; what the contract says unless set.</summary>
    public bool? FailFast { get; init; }

    /// <summary>Whether calls may share messages; what the connection's options say unless set. See <see cref="RpcConnectionOptions.Batching"/>.</summary>
    public bool? Batching { get; init; }

    /// <summary>
    /// What every call of this client passes through, the first one outermost; inside of those that
    /// <see cref="RpcConnectionOptions.ClientInterceptors"/> names for all clients.
    /// </summary>
    public IReadOnlyList<IRpcClientInterceptor> Interceptors { get; init; } = [];

    internal void Validate()
    {
        Interceptor.ThrowIfInvalid(Interceptors, nameof(Interceptors));
        QueueNames.ThrowIfInvalid(Queue, nameof(Queue));
        RpcTimeouts.ThrowIfInvalid(Timeout, nameof(Timeout));
    }
}
