using System.Text;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Compatibility;

/// <summary>Streams of the server. Time that passes separates the items, so that each has a message of its own.</summary>
internal static class StreamConversations
{
    private const int Step = 10;

    public static readonly Conversation[] All =
    [
        new("stream", "A stream of two items.")
        {
            Call = async stage =>
            {
                await using IAsyncEnumerator<int> items = (await stage.ClientAsync()).CountAsync(2).GetAsyncEnumerator();
                Assert.Equal(0, await NextAsync(stage, items));
                Assert.Equal(1, await NextAsync(stage, items));
                Assert.Null(await NextAsync(stage, items));
            },
        },
        new("stream-fault", "A stream that fails after its items.")
        {
            Call = async stage =>
            {
                await using IAsyncEnumerator<int> items = (await stage.ClientAsync()).CountAsync(3).GetAsyncEnumerator();
                Assert.Equal([0, 1, 2], [await NextAsync(stage, items), await NextAsync(stage, items), await NextAsync(stage, items)]);
                Assert.Equal("number", (await Conversations.FailsAsync<RecordedException>(NextAsync(stage, items))).Article);
            },
        },
        new("stream-grants", "A stream whose items are granted one by one.")
        {
            Call = async stage =>
            {
                await using IAsyncEnumerator<int> items = (await stage.ClientAsync()).CountSlowlyAsync(2).GetAsyncEnumerator();
                Assert.Equal(0, await NextAsync(stage, items));
                await stage.Recorder.WaitAsync(4);
                Assert.Equal(1, await NextAsync(stage, items));
                await stage.Recorder.WaitAsync(6);
                Assert.Null(await NextAsync(stage, items));
            },
        },
        new("stream-cancel", "A stream that its consumer leaves.")
        {
            Call = async stage =>
            {
                IAsyncEnumerator<int> items = (await stage.ClientAsync()).CountAsync(2).GetAsyncEnumerator();
                Assert.Equal(0, await NextAsync(stage, items));
                await items.DisposeAsync().AsTask().WaitAsync(Bounds.Soon);
                await stage.Recorder.WaitAsync(4);
            },
        },
        new("bytes", "A stream of bytes.")
        {
            Call = async stage =>
            {
                await using Stream content = await (await stage.ClientAsync()).DownloadAsync("0123456789").WaitAsync(Bounds.Soon);
                byte[] buffer = new byte[20];
                Assert.Equal(10, await content.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(Bounds.Soon));
                await stage.PassForHandlerAsync(Step);
                Assert.Equal(0, await content.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(Bounds.Soon));
                Assert.Equal("0123456789", Encoding.UTF8.GetString(buffer, 0, 10));
            },
        },
        new("progress", "A call that reports its progress.")
        {
            Call = async stage =>
            {
                var progress = new FirstProgress();
                Task<int> call = (await stage.ClientAsync()).RenderAsync(7, progress);
                Assert.Equal(50, await progress.First.WaitAsync(Bounds.Soon));
                await stage.PassForHandlerAsync(Step);
                Assert.Equal(7, await call.WaitAsync(Bounds.Soon));
            },
        },
        new("stream-beats", "Both sides of a stream say that they are alive.")
        {
            Options = isClient => new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromSeconds(isClient ? 4 : 5) },
            Call = async stage =>
            {
                IAsyncEnumerator<int> items = (await stage.ClientAsync()).WatchAsync().GetAsyncEnumerator();
                Assert.True(await items.MoveNextAsync().AsTask().WaitAsync(Bounds.Soon));
                stage.Pass(4000);
                await stage.Recorder.WaitAsync(3);
                stage.Pass(1000);
                await stage.Recorder.WaitAsync(4);
            },
        },
    ];

    private sealed class FirstProgress : IProgress<int>
    {
        private readonly TaskCompletionSource<int> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<int> First => _first.Task;

        public void Report(int value) => _first.TrySetResult(value);
    }

    /// <summary>The next item, after time has passed on the server; null at the end.</summary>
    private static async Task<int?> NextAsync(Stage stage, IAsyncEnumerator<int> items)
    {
        Task<bool> next = items.MoveNextAsync().AsTask();
        await stage.Recorder.WaitAsync(2); // the request, and that it is open
        await stage.PassForHandlerAsync(Step);
        return await next.WaitAsync(Bounds.Soon) ? items.Current : null;
    }
}
