using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>A service with streams, whose behaviour the test decides.</summary>
[AmqpRpc]
[RpcFault<FeedBrokenException>("feed-broken")]
public partial interface IFeed
{
    IAsyncEnumerable<FeedItem> ReadAsync([Required] string name, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    IAsyncEnumerable<FeedItem> ReadIdempotentlyAsync(string name, CancellationToken cancellationToken = default);

    [RpcAtMostOnce]
    IAsyncEnumerable<FeedItem> ReadOnceAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>The producer is one item ahead of the consumer at most.</summary>
    [RpcStream(WindowItems = 1)]
    IAsyncEnumerable<FeedItem> ReadOnDemandAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Little can be on its way.</summary>
    [RpcStream(WindowBytes = 4096)]
    IAsyncEnumerable<FeedItem> ReadNarrowlyAsync(string name, CancellationToken cancellationToken = default);

    [RpcStream(IdleTimeoutMilliseconds = 200)]
    IAsyncEnumerable<FeedItem> ReadImpatientlyAsync(string name, CancellationToken cancellationToken = default);

    [RpcStream(TotalTimeoutMilliseconds = 200)]
    IAsyncEnumerable<FeedItem> ReadBrieflyAsync(string name, CancellationToken cancellationToken = default);

#pragma warning disable RPCGEN023 // The token of the enumeration reaches the handler without it.
    IAsyncEnumerable<int> CountAsync();
#pragma warning restore RPCGEN023

    Task<string> EchoAsync(string text, CancellationToken cancellationToken = default);
}

public sealed record FeedItem(int Number, string Text);

public sealed class FeedBrokenException(string message, int number) : Exception(message)
{
    public int Number { get; } = number;
}

/// <param name="read">What the methods with a name do.</param>
public sealed class Feed(Func<string, CancellationToken, IAsyncEnumerable<FeedItem>> read) : IFeed
{
    private int _counts;

    /// <summary>How often the numbers were begun.</summary>
    public int Counts => Volatile.Read(ref _counts);

    public IAsyncEnumerable<FeedItem> ReadAsync(string name, CancellationToken cancellationToken) => read(name, cancellationToken);

    public IAsyncEnumerable<FeedItem> ReadIdempotentlyAsync(string name, CancellationToken cancellationToken) => read(name, cancellationToken);

    public IAsyncEnumerable<FeedItem> ReadOnceAsync(string name, CancellationToken cancellationToken) => read(name, cancellationToken);

    public IAsyncEnumerable<FeedItem> ReadOnDemandAsync(string name, CancellationToken cancellationToken) => read(name, cancellationToken);

    public IAsyncEnumerable<FeedItem> ReadNarrowlyAsync(string name, CancellationToken cancellationToken) => read(name, cancellationToken);

    public IAsyncEnumerable<FeedItem> ReadImpatientlyAsync(string name, CancellationToken cancellationToken) => read(name, cancellationToken);

    public IAsyncEnumerable<FeedItem> ReadBrieflyAsync(string name, CancellationToken cancellationToken) => read(name, cancellationToken);

    public IAsyncEnumerable<int> CountAsync()
    {
        return Count();

        async IAsyncEnumerable<int> Count([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _counts);
            for (int i = 0; ; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return i;
                await Task.Yield();
            }
        }
    }

    public Task<string> EchoAsync(string text, CancellationToken cancellationToken) => Task.FromResult(text);
}
