namespace RpcGen.Simulation.Stage;

/// <summary>
/// One method for each promise that a contract can make. The arguments name the call in the history, which knows what the
/// handler has to do, and carry a text that the answer repeats.
/// </summary>
[AmqpRpc]
public partial interface IWorkshop
{
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
}

/// <summary>A failure that the contract declares.</summary>
public sealed class JobFailedException(string message, long call) : Exception(message)
{
    /// <summary>The call that it belongs to.</summary>
    public long Call { get; } = call;
}
