using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;

namespace RpcGen.Tests.AspNetCore;

/// <summary>One method for each way in which the explorer calls.</summary>
[AmqpRpc("Gallery")]
[RpcFault<SoldOutException>("sold-out")]
public partial interface IGallery
{
    Task<ulong> EchoAsync(ulong number, [Range(1, 9)] int copies = 1, CancellationToken cancellationToken = default);

    Task RefuseAsync(CancellationToken cancellationToken = default);

    IAsyncEnumerable<int> CountAsync(int to, CancellationToken cancellationToken = default);

    Task<int> SumAsync(IAsyncEnumerable<int> numbers, IProgress<int>? progress = null, CancellationToken cancellationToken = default);

    Task<Stream> ReverseAsync(Stream content, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task NoteAsync(string text, CancellationToken cancellationToken = default);

    [RpcBroadcast]
    Task ShoutAsync(string text, CancellationToken cancellationToken = default);
}

public sealed class Gallery : IGallery
{
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource<string> _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when an endless count was given up.</summary>
    public Task Left => _left.Task;

    /// <summary>Completes with the first note and the tenant of its caller.</summary>
    public Task<string> Noted => _noted.Task;

    public Task<ulong> EchoAsync(ulong number, int copies, CancellationToken cancellationToken) => Task.FromResult(number);

    public Task RefuseAsync(CancellationToken cancellationToken) => throw new SoldOutException("None left.");

    /// <summary>Counts; below zero, it waits after the first number until it is given up.</summary>
    public async IAsyncEnumerable<int> CountAsync(int to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (to < 0)
        {
            try
            {
                yield return 0;
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                _left.SetResult();
            }
        }

        for (int i = 0; i < to; i++)
        {
            yield return i;
        }
    }

    public async Task<int> SumAsync(IAsyncEnumerable<int> numbers, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        int sum = 0;
        await foreach (int number in numbers.WithCancellation(cancellationToken))
        {
            sum += number;
        }

        progress?.Report(sum);
        return sum;
    }

    public async Task<Stream> ReverseAsync(Stream content, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await content.CopyToAsync(all, cancellationToken);
        return new MemoryStream([.. all.ToArray().Reverse()]);
    }

    public Task NoteAsync(string text, CancellationToken cancellationToken)
    {
        _noted.TrySetResult(text + RpcCallContext.Current!.Metadata.GetValueOrDefault("tenant"));
        return Task.CompletedTask;
    }

    public Task ShoutAsync(string text, CancellationToken cancellationToken) => Task.CompletedTask;
}
