namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Methods that take long, whose behaviour the test decides.</summary>
[AmqpRpc]
[RpcBatching(true)]
[RpcFault<QuotaExceededException>("quota")]
public partial interface IErrands
{
    [RpcLongRunning, RpcTimeout(600_000)]
    Task<string> RunAsync(string text, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcIdempotent, RpcTimeout(600_000)]
    Task<string> RunIdempotentlyAsync(string text, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcAtMostOnce, RpcTimeout(600_000)]
    Task<string> RunOnceAsync(string text, CancellationToken cancellationToken = default);

    [RpcLongRunning, RpcTimeout(600_000)]
    Task<string> RunWithProgressAsync(string text, IProgress<int>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Becomes long by itself.</summary>
    [RpcTimeout(600_000)]
    Task<string> DoAsync(string text, CancellationToken cancellationToken = default);

    /// <summary>Can never be long.</summary>
    [RpcDurable, RpcTimeout(600_000)]
    Task<string> DoDurablyAsync(string text, CancellationToken cancellationToken = default);

    /// <summary>Is sent again if the loss of a connection is noticed late.</summary>
    [RpcIdempotent]
    Task<string> DoQuicklyAsync(string text, CancellationToken cancellationToken = default);
}

/// <summary>Runs the test's action.</summary>
public sealed class Errands(Func<string, CancellationToken, Task<string>> act) : IErrands
{
    public Task<string> RunAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> RunIdempotentlyAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> RunOnceAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> RunWithProgressAsync(string text, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(1);
        return act(text, cancellationToken);
    }

    public Task<string> DoAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> DoDurablyAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> DoQuicklyAsync(string text, CancellationToken cancellationToken) => Task.FromResult("quick " + text);
}
