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

    [RpcLongRunning, RpcTimeout(60_000)]
    Task<long> DoLongAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcAtMostOnce, RpcTimeout(60_000)]
    Task<long> DoLongOnceAsync(long call, int milliseconds, CancellationToken cancellationToken = default);

    /// <summary>The numbers from 0.</summary>
    IAsyncEnumerable<int> CountAsync(long call, int count, CancellationToken cancellationToken = default);

    /// <summary>Takes the numbers from 0.</summary>
    Task<long> StoreAsync(long call, int count, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken = default);

    /// <summary>The numbers that are sent.</summary>
    IAsyncEnumerable<int> EchoAsync(long call, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken = default);

    /// <summary>Bytes, each the lowest of its place.</summary>
    Task<Stream> DownloadAsync(long call, int length, CancellationToken cancellationToken = default);

    /// <summary>Reports the numbers from 1.</summary>
    Task<long> ReportAsync(long call, int count, IProgress<int> progress, CancellationToken cancellationToken = default);
}
