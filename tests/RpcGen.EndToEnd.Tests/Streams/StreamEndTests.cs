using System.Runtime.CompilerServices;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>How streams end before their source does: cancellation, faults, limits of time.</summary>
public abstract class StreamEndTests(ITestBroker broker) : StreamTest(broker)
{
    [Fact]
    public async Task A_break_cancels_the_handler()
    {
        var source = new Source();
        source.Write(1, 2, 3);
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();

        await foreach (FeedItem item in client.ReadAsync("x", Cancel))
        {
            Assert.Equal(Item(1), item);
            break;
        }

        await source.TokenFired.OrFail();
        await source.Disposed.OrFail();
        Assert.Equal(1, source.Runs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Both_tokens_cancel_between_two_reads(bool isOfMethod)
    {
        var source = new Source();
        source.Write(1, 2, 3);
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        using var caller = new CancellationTokenSource();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", isOfMethod ? caller.Token : CancellationToken.None).GetAsyncEnumerator(isOfMethod ? CancellationToken.None : caller.Token);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        await caller.CancelAsync();

        await source.TokenFired.OrFail(); // without another read
        await source.Disposed.OrFail();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(caller.Token, cancelled.CancellationToken);
        Assert.False(await items.MoveNextAsync().AsTask().OrFail());
    }

    [Fact]
    public async Task A_read_that_waits_is_cancelled()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        using var caller = new CancellationTokenSource();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", caller.Token).GetAsyncEnumerator(Cancel);
        Task<bool> next = items.MoveNextAsync().AsTask();
        await source.Started.OrFail();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.OrFail());
        await source.TokenFired.OrFail();
    }

    [Fact]
    public async Task The_token_of_the_enumeration_reaches_a_handler_without_a_token()
    {
        await ServeAsync((_, token) => ItemsAsync(1, token));
        IFeed client = await CreateClientAsync();

        List<int> numbers = await client.CountAsync().Take(100).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal(Enumerable.Range(0, 100), numbers);
    }

    [Fact]
    public async Task A_token_that_has_fired_opens_nothing()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ReadAsync("x", new CancellationToken(canceled: true)).ToListAsync(Cancel).AsTask().OrFail());

        await client.EchoAsync("x", Cancel).OrFail();
        Assert.Equal(0, source.Runs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task A_declared_fault_arrives_after_the_items_before_it(int count)
    {
        await ServeAsync((_, token) => ThrowAfter(count, new FeedBrokenException("broken", 7)));
        IFeed client = await CreateClientAsync();
        int taken = 0;

        var fault = await Assert.ThrowsAsync<FeedBrokenException>(async () =>
        {
            await foreach (FeedItem item in client.ReadAsync("x", Cancel))
            {
                Assert.Equal(Item(taken++), item);
            }
        });

        Assert.Equal(("broken", 7, count), (fault.Message, fault.Number, taken));
    }

    [Fact]
    public async Task A_failure_names_the_call_and_discloses_nothing()
    {
        await ServeAsync((_, token) => ThrowAfter(3, new InvalidOperationException("secret")));
        IFeed client = await CreateClientAsync();

        var failure = await Assert.ThrowsAsync<RpcRemoteException>(() => client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail());

        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains(Log.Lines, line => line.Contains(failure.CallId!, StringComparison.Ordinal) && line.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("get")]
    [InlineData("null")]
    [InlineData("move")]
    [InlineData("dispose")]
    public async Task A_source_that_fails_anywhere_fails_the_stream(string where)
    {
        await ServeAsync((_, _) => where == "null" ? null! : new BrokenSource(where));
        IFeed client = await CreateClientAsync();

        await Assert.ThrowsAsync<RpcRemoteException>(() => client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail());

        Assert.Equal("alive", await client.EchoAsync("alive", Cancel).OrFail());
    }

    [Fact]
    public async Task An_item_that_does_not_come_in_time_ends_the_stream()
    {
        var source = new Source();
        source.Write(1);
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadImpatientlyAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => items.MoveNextAsync().AsTask().OrFail());

        Assert.Contains("IdleTimeoutMilliseconds", late.Message, StringComparison.Ordinal);
        await source.TokenFired.OrFail();
    }

    [Fact]
    public async Task A_stream_that_takes_too_long_as_a_whole_is_ended()
    {
        var source = new Source();
        var remaining = new TaskCompletionSource<TimeSpan>();
        await ServeAsync((name, token) =>
        {
            remaining.TrySetResult(RpcCallContext.Current!.Remaining);
            return source.ReadAsync(name, token);
        });
        IFeed client = await CreateClientAsync();

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.ReadBrieflyAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail());

        Assert.Contains("TotalTimeoutMilliseconds", late.Message, StringComparison.Ordinal);
        await source.TokenFired.OrFail();
        Assert.InRange(await remaining.Task, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_stream_outlives_the_time_limit_of_its_opening()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = (await CreateClientAsync()).With(timeout: TimeSpan.FromSeconds(2));
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        source.Write(1);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        Task<bool> next = items.MoveNextAsync().AsTask();
        await Task.WhenAny(next, Task.Delay(2500, Cancel));
        Assert.False(next.IsCompleted);
        source.Write(2);

        Assert.True(await next.OrFail());
        Assert.Equal(Timeout.InfiniteTimeSpan, source.Contexts.First()!.Remaining);
    }

    [Fact]
    public async Task A_forgotten_stream_is_ended_by_the_garbage_collector()
    {
        var source = new Source();
        source.Write(1);
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();

        await Forget(client);

        await Wait.UntilAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return source.Disposed.IsCompleted;
            },
            "the handler's enumerator is disposed");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task Forget(IFeed client)
        {
            IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
            Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        }
    }

    private static async IAsyncEnumerable<FeedItem> ThrowAfter(int count, Exception exception)
    {
        for (int i = 0; i < count; i++)
        {
            yield return Item(i);
        }

        await Task.Yield();
        throw exception;
    }

    /// <summary>Fails where the test says.</summary>
    private sealed class BrokenSource(string where) : IAsyncEnumerable<FeedItem>, IAsyncEnumerator<FeedItem>
    {
        public FeedItem Current => Item(0);

        public IAsyncEnumerator<FeedItem> GetAsyncEnumerator(CancellationToken cancellationToken) => where == "get" ? throw new NotSupportedException() : this;

        public ValueTask<bool> MoveNextAsync() => where == "move" ? throw new NotSupportedException() : new(false);

        public ValueTask DisposeAsync() => where == "dispose" ? throw new NotSupportedException() : default;
    }
}

public sealed class StreamEndTestsInMemory(MemoryBroker broker) : StreamEndTests(broker), IClassFixture<MemoryBroker>;

public sealed class StreamEndTestsOnRabbitMq(SharedRabbit broker) : StreamEndTests(broker);
