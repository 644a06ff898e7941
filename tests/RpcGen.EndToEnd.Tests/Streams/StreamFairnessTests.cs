using System.Runtime.CompilerServices;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>
/// Streams of a connection take turns. Explicit, because it depends on how the machine shares its processors, and takes some ten seconds:
/// shorter runs differ by the order in which the streams begin.
/// </summary>
public sealed class StreamFairnessTests(MemoryBroker broker) : StreamTest(broker), IClassFixture<MemoryBroker>
{
    private const int Streams = 100;
    private const int Items = 10_000_000;

    [Fact(Explicit = true)]
    public async Task A_hundred_streams_get_their_items_at_most_two_to_one()
    {
        await ServeAsync((_, token) => Endless(token));
        IFeed client = await CreateClientAsync();
        int[] counts = new int[Streams];
        int opened = 0;
        int total = 0;
        int[]? atTheEnd = null;
        using var over = new CancellationTokenSource();
        var allOpen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await Task.WhenAll(Enumerable.Range(0, Streams).Select(i => Task.Run(() => ReadAsync(i), Cancel))).OrFail();

        Assert.NotNull(atTheEnd);
        Assert.True(atTheEnd.Max() <= 2 * atTheEnd.Min(), $"{atTheEnd.Min()} to {atTheEnd.Max()} items");

        async Task ReadAsync(int number)
        {
            try
            {
                await foreach (FeedItem _ in client.ReadNarrowlyAsync("x", over.Token))
                {
                    if (!allOpen.Task.IsCompleted)
                    {
                        if (Interlocked.Increment(ref opened) == Streams)
                        {
                            allOpen.SetResult();
                        }

                        await allOpen.Task;
                    }

                    counts[number]++;
                    if (Interlocked.Increment(ref total) == Items)
                    {
                        atTheEnd = [.. counts];
                        await over.CancelAsync();
                    }
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    private static async IAsyncEnumerable<FeedItem> Endless([EnumeratorCancellation] CancellationToken token)
    {
        for (int i = 0; ; i++)
        {
            token.ThrowIfCancellationRequested();
            yield return Item(i);
            if (i % 10 == 0)
            {
                await Task.Yield();
            }
        }
    }
}
