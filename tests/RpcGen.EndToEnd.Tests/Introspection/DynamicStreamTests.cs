using System.Text;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>Streams of items and bytes that a method returns, and progress, by JSON.</summary>
public abstract class DynamicStreamTests(ITestBroker broker) : DynamicStreamTest(broker)
{
    [Fact]
    public async Task Items_are_read_as_they_come()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync<IFeed>(new Feed((_, _) => ReadAsync()));
        RpcDynamicClient client = await CreateClientAsync();

        await using IAsyncEnumerator<ReadOnlyMemory<byte>> items = client.StreamAsync("Read", Named, cancellationToken: Cancel).GetAsyncEnumerator(Cancel);

        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        ReadOnlyMemory<byte> first = items.Current;
        go.SetResult(); // the second item is produced after the first one was read
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(("""{"number":1,"text":"one"}""", """{"number":2,"text":"zwöi"}"""), (Text(first), Text(items.Current)));
        Assert.False(await items.MoveNextAsync().AsTask().OrFail());

        async IAsyncEnumerable<FeedItem> ReadAsync()
        {
            yield return new FeedItem(1, "one");
            await go.Task;
            yield return new FeedItem(2, "zwöi");
        }
    }

    [Fact]
    public async Task Leaving_an_enumeration_ends_the_stream_on_the_server()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync<IFeed>(new Feed((_, token) => EndlessAsync(left, token)));
        RpcDynamicClient client = await CreateClientAsync();

        await foreach (ReadOnlyMemory<byte> _ in client.StreamAsync("Read", Named, cancellationToken: Cancel))
        {
            break;
        }

        await left.Task.OrFail();
    }

    [Fact]
    public async Task Failures_of_streams_are_those_of_other_clients()
    {
        await ServeAsync<IFeed>(new Feed((_, _) => FailAsync()));
        RpcDynamicClient client = await CreateClientAsync();
        var got = new List<string>();

        RpcRemoteException failure = await Assert.ThrowsAsync<RpcRemoteException>(async () =>
        {
            await foreach (ReadOnlyMemory<byte> item in client.StreamAsync("Read", Named, cancellationToken: Cancel))
            {
                got.Add(Text(item));
            }
        });

        Assert.Equal(("feed-broken", """{"number":7}"""), (failure.Code, failure.FaultData!.Value.GetRawText()));
        Assert.Single(got);
        await Assert.ThrowsAsync<RpcValidationException>(() => client.StreamAsync("Read", """{"name":null}"""u8.ToArray(), cancellationToken: Cancel).FirstAsync(Cancel).AsTask().OrFail());
        await Assert.ThrowsAsync<RpcProtocolException>(() => client.StreamAsync("Nope", Named, cancellationToken: Cancel).FirstAsync(Cancel).AsTask().OrFail());

        static async IAsyncEnumerable<FeedItem> FailAsync()
        {
            yield return new FeedItem(0, "zero");
            await Task.Yield();
            throw new FeedBrokenException("It broke.", 7);
        }
    }

    [Fact]
    public async Task Bytes_go_both_ways()
    {
        byte[] bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];
        await ServeAsync<IFiles>(new Files(
            (name, _) => Task.FromResult<Stream>(new MemoryStream([.. bytes, .. Encoding.UTF8.GetBytes(name)])),
            async (name, content, token) => $"{name} {(await ReadAllAsync(content, token)).SequenceEqual(bytes)}",
            async (content, token) => new MemoryStream([.. (await ReadAllAsync(content, token)).Reverse()])));
        RpcDynamicClient client = await CreateClientAsync();

        await using Stream download = await client.DownloadAsync("Download", Named, cancellationToken: Cancel).OrFail();
        byte[] downloaded = await ReadAllAsync(download, Cancel).OrFail();
        Assert.Equal([.. bytes, (byte)'x'], downloaded);
        Assert.Equal("\"x True\"", await CallAsync(client, "Upload", Named, SendingBytes(bytes)));
        await using Stream converted = await client.DownloadAsync("Convert", "{}"u8.ToArray(), SendingBytes([1, 2, 3]), Cancel).OrFail();
        byte[] reversed = await ReadAllAsync(converted, Cancel).OrFail();
        Assert.Equal([3, 2, 1], reversed);
    }

    [Fact]
    public async Task Progress_comes_before_the_result()
    {
        await ServeAsync<IJobs>(new Jobs((name, progress, _) =>
        {
            progress?.Report(new Step(1, name));
            return Task.FromResult(progress is null ? "alone" : "observed");
        }));
        RpcDynamicClient client = await CreateClientAsync();
        var values = new Values();

        Assert.Equal("\"observed\"", await CallAsync(client, "Run", Named, new RpcDynamicCallOptions { Progress = new Dictionary<string, IProgress<ReadOnlyMemory<byte>>> { ["progress"] = values } }));
        Assert.Equal(["""{"number":1,"text":"x"}"""], values.All);
        Assert.Equal("\"alone\"", await CallAsync(client, "Run", Named, options: null));

        var stored = new Values();
        Assert.Equal("2", await CallAsync(client, "Import", "{}"u8.ToArray(), new RpcDynamicCallOptions
        {
            Streams = new Dictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> { ["parcels"] = Items("""{"number":1,"text":"a"}""", """{"number":2,"text":"b"}""") },
            Progress = new Dictionary<string, IProgress<ReadOnlyMemory<byte>>> { ["stored"] = stored },
        }));
        Assert.Equal("2", stored.All[^1]); // the progress 'notes' is refused
    }

    [Fact]
    public async Task Interceptors_see_calls_with_streams()
    {
        await ServeAsync<IIntake>(new Intake(StoreAsync, (_, parcels, _) => Answer(parcels)));
        var seen = new Seeing();
        RpcDynamicClient client = (await ConnectAsync(new RpcConnectionOptions { ClientInterceptors = { seen } })).CreateDynamicClient(Queue);

        await CallAsync(client, "Store", Named, Sending("parcels", """{"number":1,"text":"a"}"""));
        await client.StreamAsync("Exchange", Named, Sending("parcels"), Cancel).ToArrayAsync(Cancel).AsTask().OrFail();

        Assert.Equal([typeof(ReadOnlyMemory<byte>), typeof(IAsyncEnumerable<ReadOnlyMemory<byte>>)], seen.Results);
    }

    [Fact]
    public async Task Streams_that_no_method_can_have_are_refused()
    {
        RpcDynamicClient client = (await ConnectAsync()).CreateDynamicClient(Queue);
        RpcDynamicCallOptions items = Sending("parcels");
        var twice = new RpcDynamicCallOptions { Streams = items.Streams, ByteStreams = new Dictionary<string, Stream> { ["parcels"] = Stream.Null } };
        var progress = new RpcDynamicCallOptions { Progress = new Dictionary<string, IProgress<ReadOnlyMemory<byte>>> { ["p"] = new Values() } };

        Assert.Throws<ArgumentException>(() => { _ = client.SendAsync("Send", Named, items, Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.SendAsync("Send", Named, progress, Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.StreamAsync("Read", Named, progress, Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.DownloadAsync("Read", Named, progress, Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.CallAsync("Store", Named, twice, Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.CallAsync("Store", Named, Sending(""), Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.CallAsync("Store", Named, Sending(new string('x', 241)), Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.StreamAsync("$ping", "{}"u8.ToArray(), cancellationToken: Cancel); });
    }

    private sealed class Seeing : IRpcClientInterceptor
    {
        public List<Type> Results { get; } = [];

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            Assert.Equal(typeof(ValueTuple<ReadOnlyMemory<byte>>), typeof(TArguments));
            Results.Add(typeof(TResult));
            return next(call);
        }
    }
}

public sealed class DynamicStreamTestsInMemory(MemoryBroker broker) : DynamicStreamTests(broker), IClassFixture<MemoryBroker>;

public sealed class DynamicStreamTestsOnRabbitMq(SharedRabbit broker) : DynamicStreamTests(broker);
