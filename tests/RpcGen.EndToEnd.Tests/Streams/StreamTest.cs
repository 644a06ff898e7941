using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>The base of tests of streams.</summary>
public abstract class StreamTest(ITestBroker broker) : EndToEndTest(broker)
{
    /// <summary>Serves on a connection of its own.</summary>
    protected async Task<RpcServer> ServeAsync(Func<string, CancellationToken, IAsyncEnumerable<FeedItem>> read, RpcServerOptions? options = null, RpcConnectionOptions? connection = null) =>
        await (await ConnectAsync(connection ?? new RpcConnectionOptions())).ServeAsync<IFeed>(new Feed(read), new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel);

    /// <summary>A client on a connection of its own.</summary>
    protected async Task<IFeed> CreateClientAsync(RpcConnectionOptions? connection = null) => (await ConnectAsync(connection ?? new RpcConnectionOptions())).CreateClient<IFeed>(ClientOptions);

    protected static FeedItem Item(int number) => new(number, $"item {number}");

    /// <summary>So many items, each after a yield.</summary>
    internal static async IAsyncEnumerable<FeedItem> ItemsAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return Item(i);
        }
    }

    /// <summary>A source that the test feeds, and that tells what becomes of it.</summary>
    protected sealed class Source
    {
        private readonly System.Threading.Channels.Channel<FeedItem> _items = System.Threading.Channels.Channel.CreateUnbounded<FeedItem>();
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _tokenFired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _runs;
        private int _taken;

        /// <summary>Completes when the source is being read.</summary>
        public Task Started => _started.Task;

        /// <summary>Completes when the token of the enumeration has fired.</summary>
        public Task TokenFired => _tokenFired.Task;

        /// <summary>Completes when the enumerator is disposed.</summary>
        public Task Disposed => _disposed.Task;

        public int Runs => Volatile.Read(ref _runs);

        /// <summary>How many items were taken from the source.</summary>
        public int Taken => Volatile.Read(ref _taken);

        public ConcurrentQueue<RpcCallContext?> Contexts { get; } = new();

        public void Write(params int[] numbers) => Array.ForEach(numbers, number => Assert.True(_items.Writer.TryWrite(Item(number))));

        public void End(Exception? exception = null) => _items.Writer.TryComplete(exception);

        public async IAsyncEnumerable<FeedItem> ReadAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _runs);
            cancellationToken.Register(() => _tokenFired.TrySetResult());
            _started.TrySetResult();
            try
            {
                await foreach (FeedItem item in _items.Reader.ReadAllAsync(cancellationToken))
                {
                    Contexts.Enqueue(RpcCallContext.Current);
                    Interlocked.Increment(ref _taken);
                    yield return item;
                }
            }
            finally
            {
                _disposed.TrySetResult();
            }
        }
    }
}
