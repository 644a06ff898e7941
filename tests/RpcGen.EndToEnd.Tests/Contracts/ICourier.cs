using System.ComponentModel.DataAnnotations;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Every kind of delivery.</summary>
[AmqpRpc]
public partial interface ICourier
{
    Task<string> AskAsync(string text, CancellationToken cancellationToken = default);

    [RpcPriority(7)]
    Task<string> AskUrgentlyAsync(string text, CancellationToken cancellationToken = default);

    [RpcDurable]
    Task<string> AskDurablyAsync(string text, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task SendAsync([StringLength(100)] string text, CancellationToken cancellationToken = default);

    [RpcOneWay(Confirm = false)]
    ValueTask TossAsync(string text, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcIdempotent]
    Task SendIdempotentlyAsync(string text, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcAtMostOnce]
    Task SendOnceAsync(string text, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcDurable]
    Task SendDurablyAsync(string text, CancellationToken cancellationToken = default);

    [RpcOneWay, RpcTimeout(300)]
    Task SendBrieflyAsync(string text, CancellationToken cancellationToken = default);

    [RpcBroadcast]
    Task AnnounceAsync(string text, CancellationToken cancellationToken = default);

    [RpcBroadcast, RpcIdempotent]
    Task AnnounceIdempotentlyAsync(string text, CancellationToken cancellationToken = default);
}

/// <summary>Records each call, then runs the test's action.</summary>
public sealed class Courier(Func<string, CancellationToken, Task<string>>? act = null) : ICourier
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _got = new();

    public string[] Got => [.. _got];

    public Task<string> AskAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task<string> AskUrgentlyAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task<string> AskDurablyAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task SendAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public async ValueTask TossAsync(string text, CancellationToken cancellationToken) => await ActAsync(text, cancellationToken);

    public Task SendIdempotentlyAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task SendOnceAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task SendDurablyAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task SendBrieflyAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task AnnounceAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    public Task AnnounceIdempotentlyAsync(string text, CancellationToken cancellationToken) => ActAsync(text, cancellationToken);

    private Task<string> ActAsync(string text, CancellationToken cancellationToken)
    {
        _got.Enqueue(text);
        return act?.Invoke(text, cancellationToken) ?? Task.FromResult(text);
    }
}
