using System.Runtime.CompilerServices;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Many streams that nobody reads on hold little memory, and neither calls nor other streams.</summary>
public sealed class StalledStreamTests(MemoryBroker broker) : UploadTest(broker), IClassFixture<MemoryBroker>
{
    private const int Streams = 1000;
    private const int ItemBytes = 8_000;

    private int _produced;

    [Fact]
    public async Task A_thousand_stalled_streams_stay_within_the_memory_of_the_connection()
    {
        RpcConnection serving = await ConnectAsync();
        await serving.ServeAsync<IIntake>(new Intake(CountAsync, (_, _, token) => Endless(token)), new RpcServerOptions { Queue = Queue, MaxStreams = Streams + 1 }, Cancel);
        RpcConnection calling = await ConnectAsync();
        IIntake client = calling.CreateClient<IIntake>(ClientOptions);
        IAsyncEnumerator<FeedItem>[] streams = [.. Enumerable.Range(0, Streams).Select(_ => client.ExchangeAsync("x", AsyncEnumerable.Empty<Parcel>(), Cancel).GetAsyncEnumerator(Cancel))];

        await Task.WhenAll(streams.Select(stream => stream.MoveNextAsync().AsTask())).OrFail();
        long produced;
        do
        {
            produced = Volatile.Read(ref _produced);
            await Task.Delay(200, Cancel);
        }
        while (Volatile.Read(ref _produced) != produced);

        long limit = new RpcConnectionOptions().MaxStreamBufferBytes;
        Assert.InRange(calling.Streams.Budget.Used, Streams * 32 * 1024, limit);
        Assert.InRange(produced * ItemBytes, Streams, limit + (Streams * 2L * 80_000)); // the windows, and at the server a message and what is gathered
        Assert.Equal("meanwhile", await client.EchoAsync("meanwhile", Cancel).OrFail());
        Assert.Equal(100, (await client.StoreAsync("x", ParcelsAsync(100, 1000, Cancel), Cancel).OrFail()).Count);
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask())).OrFail();
        await Wait.UntilAsync(() => calling.Streams.Budget.Used == 0 && serving.Streams.Budget.Used == 0 && serving.Streams.Current is { Calls: 0 }, "nothing is left");
    }

    private async IAsyncEnumerable<FeedItem> Endless([EnumeratorCancellation] CancellationToken token)
    {
        string text = new('x', ItemBytes);
        for (int i = 0; ; i++)
        {
            token.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _produced);
            yield return new FeedItem(i, text);
            await Task.Yield();
        }
    }
}
