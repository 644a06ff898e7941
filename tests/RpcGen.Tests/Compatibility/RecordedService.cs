using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace RpcGen.Tests.Compatibility;

/// <summary>The service of the recorded conversations. It notes what has no answer.</summary>
internal sealed class RecordedService(TimeProvider time) : IRecorded, IRecordedBare
{
    private readonly SemaphoreSlim _changed = new(0);
    private readonly SemaphoreSlim _waits = new(0);

    public ConcurrentQueue<string> Notes { get; } = new();

    public async Task<RecordedReceipt> PlaceAsync(RecordedOrder order, bool express, CancellationToken cancellationToken)
    {
        RpcCallContext context = RpcCallContext.Current!;
        foreach ((string name, string value) in context.Metadata)
        {
            context.ReplyMetadata[name] = value;
        }

        await Task.CompletedTask;
        return new RecordedReceipt(order.Lines.Count, order.Lines.Sum(line => line.Quantity) * (express ? 2.5m : 1.25m));
    }

    public Task ForgetAsync(int number, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string?> FindAsync(string name, CancellationToken cancellationToken) => Task.FromResult(name.Length == 0 ? null : $"{name} {RpcCallContext.Current?.BrokerUser}".TrimEnd());

    public async Task<int> WaitAsync(int milliseconds, CancellationToken cancellationToken)
    {
        try
        {
            await DelayAsync(milliseconds, cancellationToken);
            return milliseconds;
        }
        catch (OperationCanceledException)
        {
            Note("cancelled");
            throw;
        }
    }

    public Task<int> HurryAsync(int milliseconds, CancellationToken cancellationToken) => WaitAsync(milliseconds, cancellationToken);

    public Task<int> KeepAsync(int number, CancellationToken cancellationToken) => Task.FromResult(number);

    public Task<int> PayAsync(int amount, CancellationToken cancellationToken) => Task.FromResult(amount);

    public Task ArchiveAsync(int number, CancellationToken cancellationToken) => Noted($"archive {number}");

    public Task HintAsync(int number, CancellationToken cancellationToken) => Noted($"hint {number}");

    public Task ChangedAsync(string[] articles, CancellationToken cancellationToken) => Noted($"changed {string.Join(' ', articles)}");

    public Task<string> FailAsync(string how, CancellationToken cancellationToken) => how switch
    {
        "sold-out" => throw new RecordedException("Only 2 nuts are left.", "nut", 2),
        "internal" => throw new InvalidOperationException("A secret."),
        "cancelled" => throw new OperationCanceledException(),
        "unauthenticated" => throw new RpcAccessDeniedException("Who are you?") { IsUnauthenticated = true },
        "permission-denied" => throw new RpcAccessDeniedException("You may not."),
        _ => Task.FromResult(how + how),
    };

    public async IAsyncEnumerable<int> CountAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int i = 0; i < count; i++)
        {
            await DelayAsync(10, cancellationToken);
            yield return i;
        }

        await DelayAsync(10, cancellationToken);
        if (count > 2)
        {
            throw new RecordedException("Too many.", "number", count);
        }
    }

    public IAsyncEnumerable<int> CountSlowlyAsync(int count, CancellationToken cancellationToken) => CountAsync(count, cancellationToken);

    public async IAsyncEnumerable<int> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return 0;
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
    }

    public Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        _ = FillAsync(pipe.Writer, name, cancellationToken);
        return Task.FromResult(pipe.Reader.AsStream());
    }

    public async Task<int> RenderAsync(int pages, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(50);
        await DelayAsync(10, cancellationToken);
        return pages;
    }

    public async Task<int> SumAsync(int atMost, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        int sum = 0;
        int count = 0;
        await foreach (int number in numbers.WithCancellation(cancellationToken))
        {
            sum += number;
            if (++count == atMost)
            {
                break;
            }
        }

        return sum;
    }

    public async IAsyncEnumerable<int> DoubleAsync(IAsyncEnumerable<int> numbers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (int number in numbers.WithCancellation(cancellationToken))
        {
            yield return 2 * number;
        }
    }

    public Task<int> PonderAsync(int milliseconds, CancellationToken cancellationToken) => WaitAsync(milliseconds, cancellationToken);

    public Task<int> DoubleAsync(int number, CancellationToken cancellationToken) => Task.FromResult(2 * number);

    /// <summary>Waits for as many notes as are expected.</summary>
    public async Task AssertNotesAsync(params string[] expected)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(await _changed.WaitAsync(Support.Bounds.Soon), $"There are only {i} notes.");
        }

        Assert.Equal(expected, Notes.Order());
    }

    /// <summary>Waits until a handler waits for time to pass.</summary>
    public async Task WaitsAsync() => Assert.True(await _waits.WaitAsync(Support.Bounds.Soon), "No handler waits.");

    /// <summary>Bytes, and their end after a while.</summary>
    private async Task FillAsync(PipeWriter writer, string text, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await DelayAsync(10, cancellationToken);
        await writer.CompleteAsync();
    }

    private Task DelayAsync(int milliseconds, CancellationToken cancellationToken)
    {
        Task delay = Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, cancellationToken);
        if (milliseconds > 0)
        {
            _waits.Release();
        }

        return delay;
    }

    private Task Noted(string note)
    {
        Note(note);
        return Task.CompletedTask;
    }

    private void Note(string note)
    {
        Notes.Enqueue(note);
        _changed.Release();
    }
}
