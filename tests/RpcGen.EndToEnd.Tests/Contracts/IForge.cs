namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>One method for each promise that a cluster has to keep. The number names the call, and is its answer.</summary>
[AmqpRpc]
[RpcBatching(true)]
public partial interface IForge
{
    Task<int> DoAsync(int call, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    Task<int> DoIdempotentlyAsync(int call, CancellationToken cancellationToken = default);

    [RpcAtMostOnce]
    Task<int> DoOnceAsync(int call, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcDurable]
    Task SendAsync(int call, CancellationToken cancellationToken = default);
}
