namespace RpcGen.Chaos.Workers;

/// <summary>One method for each promise. The number names the call, and is its answer.</summary>
[AmqpRpc]
public partial interface IAnvil
{
    Task<long> DoAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    Task<long> DoIdempotentlyAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    [RpcAtMostOnce]
    Task<long> DoOnceAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task SendAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcDurable]
    Task SendDurablyAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    [RpcLongRunning]
    Task<long> DoLongAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    /// <summary>The numbers from 0.</summary>
    IAsyncEnumerable<int> CountAsync(long call, int count, CancellationToken cancellationToken = default);
}
