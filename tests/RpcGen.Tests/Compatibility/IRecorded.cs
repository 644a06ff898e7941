using System.ComponentModel.DataAnnotations;

namespace RpcGen.Tests.Compatibility;

/// <summary>The contract of the recorded conversations. Never change what it sends: the records stay.</summary>
[AmqpRpc("recorded")]
public partial interface IRecorded
{
    Task<RecordedReceipt> PlaceAsync(RecordedOrder order, bool express = false, CancellationToken cancellationToken = default);

    Task ForgetAsync([Range(1, 1000)] int number, CancellationToken cancellationToken = default);

    Task<string?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Returns when so much time has passed on the server.</summary>
    Task<int> WaitAsync(int milliseconds, CancellationToken cancellationToken = default);

    [RpcTimeout(50)]
    Task<int> HurryAsync(int milliseconds, CancellationToken cancellationToken = default);

    [RpcDurable]
    [RpcPriority(7)]
    Task<int> KeepAsync(int number, CancellationToken cancellationToken = default);

    [RpcAtMostOnce]
    Task<int> PayAsync(int amount, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task ArchiveAsync(int number, CancellationToken cancellationToken = default);

    [RpcOneWay(Confirm = false)]
    Task HintAsync(int number, CancellationToken cancellationToken = default);

    [RpcBroadcast]
    Task ChangedAsync(string[] articles, CancellationToken cancellationToken = default);

    /// <summary>Fails in the way that is named.</summary>
    [RpcFault<RecordedException>("sold-out")]
    Task<string> FailAsync(string how, CancellationToken cancellationToken = default);

    [RpcFault<RecordedException>("sold-out")]
    IAsyncEnumerable<int> CountAsync(int count, CancellationToken cancellationToken = default);

    [RpcStream(WindowItems = 1)]
    IAsyncEnumerable<int> CountSlowlyAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>One item, and no end.</summary>
    IAsyncEnumerable<int> WatchAsync(CancellationToken cancellationToken = default);

    Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken = default);

    Task<int> RenderAsync(int pages, IProgress<int>? progress = null, CancellationToken cancellationToken = default);

    Task<int> SumAsync(int atMost, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken = default);

    IAsyncEnumerable<int> DoubleAsync(IAsyncEnumerable<int> numbers, CancellationToken cancellationToken = default);

    /// <summary>Returns when so much time has passed on the server.</summary>
    [RpcLongRunning]
    Task<int> PonderAsync(int milliseconds, CancellationToken cancellationToken = default);
}

/// <summary>What a client of another version of the contract sends to the same queue.</summary>
[AmqpRpc("recorded")]
public partial interface IRecordedOtherwise
{
    Task PlaceAsync(string order, CancellationToken cancellationToken = default);

    Task ForgetAsync(int number, CancellationToken cancellationToken = default);

    Task<int> CountAsync(int count, CancellationToken cancellationToken = default);

    Task RenamedAsync(CancellationToken cancellationToken = default);
}

/// <summary>The bare style.</summary>
[AmqpRpc("recorded_bare", BodyStyle = RpcBodyStyle.Bare)]
public partial interface IRecordedBare
{
    Task<int> DoubleAsync(int number, CancellationToken cancellationToken = default);
}

public sealed record RecordedOrder(string Customer, IReadOnlyList<RecordedLine> Lines);

public sealed record RecordedLine(string Article, [property: Range(1, 100)] int Quantity);

public sealed record RecordedReceipt(int Number, decimal Total);

public sealed class RecordedException(string message, string article, int left) : Exception(message)
{
    public string Article { get; } = article;

    public int Left { get; } = left;
}
