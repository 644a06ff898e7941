using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Streams that are abandoned at any point leave nothing behind.</summary>
public sealed class StreamLeakTests(MemoryBroker broker) : StreamTest(broker), IClassFixture<MemoryBroker>
{
    /// <summary>RPCGEN_TEST_STREAMS sets another number.</summary>
    private static readonly int Streams = int.TryParse(Environment.GetEnvironmentVariable("RPCGEN_TEST_STREAMS"), out int wanted) ? wanted : 1000;

    private int _opened;
    private int _disposed;

    [Fact]
    public async Task Streams_abandoned_at_any_point_leave_nothing_behind()
    {
        RpcConnection serving = await ConnectAsync();
        await serving.ServeAsync<IFeed>(new Feed((_, token) => new CheckedSource(this, token)), ServerOptions, Cancel);
        RpcConnection calling = await ConnectAsync();
        IFeed client = calling.CreateClient<IFeed>(ClientOptions);

        await Parallel.ForEachAsync(Enumerable.Range(0, Streams), new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Cancel }, async (i, _) => await AbandonAsync(client, new Random(i))).OrFail();

        await Wait.UntilAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return calling.Streams.Current is { Calls: 0 } && serving.Streams.Current is { Calls: 0 } && calling.Streams.Budget.Used == 0 && Volatile.Read(ref _opened) == Volatile.Read(ref _disposed);
            },
            $"nothing is left: {calling.Streams.Current?.Calls} and {serving.Streams.Current?.Calls} calls, {calling.Streams.Budget.Used} bytes");
        Assert.True(_opened > Streams / 4);
    }

    private static async Task AbandonAsync(IFeed client, Random random)
    {
        using var caller = new CancellationTokenSource();
        IAsyncEnumerable<FeedItem> stream = client.ReadNarrowlyAsync(random.Next(50).ToString(System.Globalization.CultureInfo.InvariantCulture), caller.Token);
        if (random.Next(10) == 0)
        {
            return; // never enumerated
        }

        IAsyncEnumerator<FeedItem> items = stream.GetAsyncEnumerator(CancellationToken.None);
        try
        {
            for (int left = random.Next(60); left > 0 && await items.MoveNextAsync(); left--)
            {
                if (random.Next(40) == 0)
                {
                    _ = caller.CancelAsync(); // during a read, or between two of them
                }
            }
        }
        catch (OperationCanceledException)
        {
            return; // not disposed: a consumer that has its exception owes nothing
        }

        if (random.Next(10) != 0)
        {
            await items.DisposeAsync(); // else it is forgotten
        }
    }

    /// <summary>Throws at the test if its enumerator is disposed twice, or while it is being moved.</summary>
    private sealed class CheckedSource(StreamLeakTests test, CancellationToken methodToken) : IAsyncEnumerable<FeedItem>, IAsyncEnumerator<FeedItem>
    {
        private readonly Random _random = new(1);
        private int _isMoving;
        private int _isDisposed;
        private int _number = -1;

        public FeedItem Current => new(_number, new string('x', 200));

        public IAsyncEnumerator<FeedItem> GetAsyncEnumerator(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref test._opened);
            return this;
        }

        public async ValueTask<bool> MoveNextAsync()
        {
            Assert.Equal(0, Interlocked.Exchange(ref _isMoving, 1));
            if (_random.Next(3) == 0)
            {
                await Task.Delay(1, methodToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _number++;
            Volatile.Write(ref _isMoving, 0);
            return _number < 50;
        }

        public ValueTask DisposeAsync()
        {
            Assert.Equal(0, Volatile.Read(ref _isMoving));
            Assert.Equal(0, Interlocked.Exchange(ref _isDisposed, 1));
            Interlocked.Increment(ref test._disposed);
            return default;
        }
    }
}
