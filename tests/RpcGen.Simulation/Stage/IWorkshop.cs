using RpcGen.Simulation.Streaming;

namespace RpcGen.Simulation.Stage;

/// <summary>
/// One method for each promise that a contract can make. The arguments name the call in the history, which knows what the
/// handler has to do, and carry a text that the answer repeats.
/// Calls with streams carry only the number.
/// </summary>
[AmqpRpc]
public partial interface IWorkshop
{
    /// <summary>How many items <see cref="ListSparinglyAsync"/> can be ahead of its reader.</summary>
    internal const int SparingItems = 2;

    /// <summary>A window that a few messages fill.</summary>
    internal const int NarrowBytes = 1024;

    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoIdempotentlyAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcAtMostOnce]
    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoOnceAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcBatching(true)]
    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoTogetherAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcDurable]
    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoDurablyAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task SendAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcOneWay(Confirm = false)]
    Task TossAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcIdempotent]
    Task SendIdempotentlyAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcAtMostOnce]
    Task SendOnceAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcDurable]
    Task SendDurablyAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcBroadcast]
    Task AnnounceAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcBroadcast, RpcIdempotent]
    Task AnnounceIdempotentlyAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcLongRunning]
    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoLongAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcIdempotent]
    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoLongIdempotentlyAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcAtMostOnce]
    [RpcFault<JobFailedException>("job-failed")]
    Task<string> DoLongOnceAsync(long call, string text, CancellationToken cancellationToken = default);

    [RpcFault<JobFailedException>("job-failed")]
    IAsyncEnumerable<Piece> ListAsync(long call, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    [RpcFault<JobFailedException>("job-failed")]
    IAsyncEnumerable<Piece> ListIdempotentlyAsync(long call, CancellationToken cancellationToken = default);

    [RpcAtMostOnce]
    [RpcFault<JobFailedException>("job-failed")]
    IAsyncEnumerable<Piece> ListOnceAsync(long call, CancellationToken cancellationToken = default);

    [RpcStream(WindowItems = SparingItems)]
    [RpcFault<JobFailedException>("job-failed")]
    IAsyncEnumerable<Piece> ListSparinglyAsync(long call, CancellationToken cancellationToken = default);

    [RpcStream(WindowBytes = NarrowBytes)]
    [RpcFault<JobFailedException>("job-failed")]
    IAsyncEnumerable<Piece> ListNarrowlyAsync(long call, CancellationToken cancellationToken = default);

    [RpcStream(WindowBytes = NarrowBytes)]
    [RpcFault<JobFailedException>("job-failed")]
    Task<long> StoreAsync(long call, IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    [RpcFault<JobFailedException>("job-failed")]
    Task<long> StoreIdempotentlyAsync(long call, IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken = default);

    [RpcStream(WindowBytes = NarrowBytes)]
    [RpcFault<JobFailedException>("job-failed")]
    IAsyncEnumerable<Piece> EchoAsync(long call, IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken = default);

    [RpcFault<JobFailedException>("job-failed")]
    Task<long> ReportAsync(long call, IProgress<long> progress, CancellationToken cancellationToken = default);

    [RpcStream(WindowBytes = NarrowBytes)]
    [RpcFault<JobFailedException>("job-failed")]
    Task<Stream> DownloadAsync(long call, CancellationToken cancellationToken = default);

    [RpcStream(WindowBytes = NarrowBytes)]
    [RpcFault<JobFailedException>("job-failed")]
    Task<long> UploadAsync(long call, Stream content, CancellationToken cancellationToken = default);
}

/// <summary>A failure that the contract declares.</summary>
public sealed class JobFailedException(string message, long call) : Exception(message)
{
    /// <summary>The call that it belongs to.</summary>
    public long Call { get; } = call;
}
