using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Streams that servers send.</summary>
public abstract class StreamTests(ITestBroker broker) : StreamTest(broker)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_000)]
    public async Task All_items_arrive_in_order_and_the_stream_ends(int count)
    {
        await ServeAsync((_, token) => ItemsAsync(count, token));
        IFeed client = await CreateClientAsync();

        List<FeedItem> items = await client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal(Enumerable.Range(0, count).Select(Item), items);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Nothing_is_sent_before_the_first_read_and_each_enumeration_is_a_call()
    {
        var feed = new Feed((_, _) => throw new NotSupportedException());
        await (await ConnectAsync()).ServeAsync<IFeed>(feed, ServerOptions, Cancel);
        IFeed client = await CreateClientAsync();

        IAsyncEnumerable<int> numbers = client.CountAsync();
        await using (numbers.GetAsyncEnumerator(Cancel))
        {
        }

        Assert.Equal("still there", await client.EchoAsync("still there", Cancel).OrFail());
        Assert.Equal(0, feed.Counts);

        Assert.Equal([0, 1, 2], await numbers.Take(3).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Equal([0, 1], await numbers.Take(2).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Equal(2, feed.Counts);
    }

    [Fact]
    public async Task An_item_arrives_although_no_other_follows()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);

        source.Write(1);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(Item(1), items.Current);
        source.Write(2);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(Item(2), items.Current);
        source.End();
        Assert.False(await items.MoveNextAsync().AsTask().OrFail());
        Assert.False(await items.MoveNextAsync().AsTask().OrFail());
    }

    [Fact]
    public async Task An_open_stream_holds_neither_a_place_nor_its_request()
    {
        Source[] sources = [new(), new()];
        await ServeAsync((name, token) => sources[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)].ReadAsync(name, token), new RpcServerOptions { MaxConcurrentCalls = 1 });
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> first = client.ReadAsync("0", Cancel).GetAsyncEnumerator(Cancel);
        await using IAsyncEnumerator<FeedItem> second = client.ReadAsync("1", Cancel).GetAsyncEnumerator(Cancel);
        Task<bool> firstItem = first.MoveNextAsync().AsTask();
        Task<bool> secondItem = second.MoveNextAsync().AsTask();
        await Task.WhenAll(sources.Select(source => source.Started)).OrFail();

        Assert.Equal("meanwhile", await client.EchoAsync("meanwhile", Cancel).OrFail());
        await UntilQueueIsEmptyAsync();
        sources[0].Write(1);
        sources[1].Write(2);
        Assert.True(await firstItem.OrFail());
        Assert.True(await secondItem.OrFail());
        Assert.Equal((1, 2), (first.Current.Number, second.Current.Number));
    }

    [Fact]
    public async Task A_slow_consumer_suspends_the_producer()
    {
        int produced = 0;
        await ServeAsync((_, _) => Produce());
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadNarrowlyAsync("x", Cancel).GetAsyncEnumerator(Cancel);

        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        await Wait.UntilAsync(() => Volatile.Read(ref produced) > 10, "the producer is ahead");
        int before;
        do
        {
            before = Volatile.Read(ref produced);
            await Task.Delay(100, Cancel);
        }
        while (Volatile.Read(ref produced) != before);

        // The window, one message more, and what is gathered at the server: at 1 KB an item.
        Assert.InRange(before, 10, (4096 + (2 * 65_536) + 4096) / 1000);
        for (int i = 1; i < 1000; i++)
        {
            Assert.True(await items.MoveNextAsync().AsTask().OrFail());
            Assert.Equal(i, items.Current.Number);
        }

        async IAsyncEnumerable<FeedItem> Produce()
        {
            for (int i = 0; ; i++)
            {
                Interlocked.Increment(ref produced);
                yield return new FeedItem(i, new string('x', 1000));
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Items_on_demand_are_produced_one_at_a_time()
    {
        var source = new Source();
        source.Write([.. Enumerable.Range(0, 100)]);
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadOnDemandAsync("x", Cancel).GetAsyncEnumerator(Cancel);

        for (int i = 0; i < 20; i++)
        {
            Assert.True(await items.MoveNextAsync().AsTask().OrFail());
            Assert.Equal(i, items.Current.Number);
            Assert.InRange(source.Taken, i + 1, i + 2);
        }
    }

    [Fact]
    public async Task Items_larger_than_a_message_arrive_and_those_above_the_limit_fail_the_stream()
    {
        await ServeAsync((name, _) => Produce(int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)), connection: new RpcConnectionOptions { MaxMessageBytes = 300_000 });
        IFeed client = await CreateClientAsync();

        List<FeedItem> large = await client.ReadAsync("200000", Cancel).ToListAsync(Cancel).AsTask().OrFail();
        Assert.Equal([200_000, 200_001, 200_002], large.Select(item => item.Text.Length));
        var refused = await Assert.ThrowsAsync<RpcProtocolException>(() => client.ReadAsync("299999", Cancel).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Contains("more than the limit of 300000", refused.Message, StringComparison.Ordinal);

        static async IAsyncEnumerable<FeedItem> Produce(int length)
        {
            for (int i = 0; i < 3; i++)
            {
                yield return new FeedItem(i, new string('x', length + i));
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task Arguments_are_checked_at_the_first_read()
    {
        await ServeAsync((_, token) => ItemsAsync(1, token));
        IFeed client = await CreateClientAsync();

        IAsyncEnumerable<FeedItem> stream = client.ReadAsync(null!, Cancel);

        var invalid = await Assert.ThrowsAsync<RpcValidationException>(() => stream.ToListAsync(Cancel).AsTask().OrFail());
        Assert.Contains("name", invalid.Errors.Keys);
    }

    [Fact]
    public async Task One_stream_more_than_the_server_allows_is_refused()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync, new RpcServerOptions { MaxStreams = 1 });
        IFeed client = await CreateClientAsync();
        IAsyncEnumerator<FeedItem> first = client.ReadAsync("1", Cancel).GetAsyncEnumerator(Cancel);
        source.Write(1);
        Assert.True(await first.MoveNextAsync().AsTask().OrFail());

        var refused = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.ReadAsync("2", Cancel).ToListAsync(Cancel).AsTask().OrFail());

        Assert.Equal(RpcUnavailableReason.Overloaded, refused.Reason);
        Assert.Contains("MaxStreams", refused.Message, StringComparison.Ordinal);
        await first.DisposeAsync();
        await source.Disposed.OrFail();
        source.End();
        await Wait.UntilAsync(async () => await IsServedAsync(), "the place is free again");

        async Task<bool> IsServedAsync()
        {
            try
            {
                return await client.ReadAsync("3", Cancel).ToListAsync(Cancel).AsTask().OrFail() is [];
            }
            catch (RpcUnavailableException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task The_description_has_the_schema_of_the_items()
    {
        await ServeAsync((_, token) => ItemsAsync(1, token));
        RpcConnection connection = await ConnectAsync();

        RpcServiceDescription description = await connection.DescribeAsync(Queue, Cancel).OrFail();

        RpcMethodDescription read = description.Methods.Single(method => method.Name == "Read");
        Assert.Null(read.Result);
        Assert.Contains("number", System.Text.Encoding.UTF8.GetString(description.Utf8Json.Span), StringComparison.Ordinal);
        Assert.NotNull(read.Items);
        RpcMethodDescription echo = description.Methods.Single(method => method.Name == "Echo");
        Assert.Null(echo.Items);
    }
}

public sealed class StreamTestsInMemory(MemoryBroker broker) : StreamTests(broker), IClassFixture<MemoryBroker>;

public sealed class StreamTestsOnRabbitMq(SharedRabbit broker) : StreamTests(broker);
