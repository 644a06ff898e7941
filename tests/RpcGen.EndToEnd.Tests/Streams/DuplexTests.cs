using System.Runtime.CompilerServices;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Calls with streams both ways.</summary>
public abstract class DuplexTests(ITestBroker broker) : UploadTest(broker)
{
    [Fact]
    public async Task Items_go_both_ways_one_by_one()
    {
        await ServeAsync(EchoAsync);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        await using IAsyncEnumerator<FeedItem> items = client.ExchangeAsync("x", source, Cancel).GetAsyncEnumerator(Cancel);

        for (int i = 0; i < 10; i++)
        {
            source.Write(i);
            Assert.True(await items.MoveNextAsync().AsTask().OrFail());
            Assert.Equal(new FeedItem(i, $"x: parcel {i}"), items.Current);
        }

        source.End();
        Assert.False(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
        Assert.Empty(source.Misuses);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5_000, 0)]
    [InlineData(1_000, 1_000)]
    public async Task All_items_come_back(int count, int length)
    {
        await ServeAsync(EchoAsync);
        IIntake client = await CreateClientAsync();

        List<FeedItem> items = await client.ExchangeAsync("x", ParcelsAsync(count, length, Cancel), Cancel).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal(Enumerable.Range(0, count), items.Select(item => item.Number));
    }

    [Fact]
    public async Task Each_direction_has_credit_of_its_own()
    {
        await ServeAsync(EchoAsync);
        IIntake client = await CreateClientAsync();

        List<FeedItem> items = await client.ExchangeNarrowlyAsync("x", ParcelsAsync(200, 1_000, Cancel), Cancel).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal(Enumerable.Range(0, 200), items.Select(item => item.Number));
    }

    [Fact]
    public async Task A_consumer_that_does_not_read_suspends_the_source()
    {
        await ServeAsync(EchoAsync);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        for (int i = 0; i < 2_000; i++)
        {
            source.Write(Parcel(i, 1000));
        }

        await using IAsyncEnumerator<FeedItem> items = client.ExchangeNarrowlyAsync("x", source, Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        int before;
        do
        {
            before = source.Taken;
            await Task.Delay(100, Cancel);
        }
        while (source.Taken != before);

        Assert.InRange(before, 1, 2 * (4096 + (2 * 65_536) + 4096) / 1000);
    }

    [Fact]
    public async Task Nothing_is_sent_and_no_source_is_touched_before_the_first_read()
    {
        await ServeAsync(EchoAsync);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();

        IAsyncEnumerable<FeedItem> exchange = client.ExchangeAsync("x", source, Cancel);
        Assert.Equal("meanwhile", await client.EchoAsync("meanwhile", Cancel).OrFail());

        Assert.Equal(0, source.Runs);
        source.End();
        Assert.Equal(0, await exchange.CountAsync(Cancel).AsTask().OrFail());
    }

    [Fact]
    public async Task A_break_stops_the_handler_and_the_source_before_the_caller_goes_on()
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync((name, parcels, token) =>
        {
            token.Register(fired.SetResult);
            return EchoAsync(name, parcels, token);
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(0);

        await foreach (FeedItem item in client.ExchangeAsync("x", source, Cancel))
        {
            Assert.Equal(0, item.Number);
            break;
        }

        Assert.Equal((1, 1), (source.Runs, source.Disposals));
        await fired.Task.OrFail();
        Assert.Empty(source.Misuses);
    }

    [Fact]
    public async Task A_handler_that_reads_no_more_can_still_send()
    {
        await ServeAsync(FirstThenThree);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(7);

        List<FeedItem> items = await client.ExchangeAsync("x", source, Cancel).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal([7, 1, 2, 3], items.Select(item => item.Number));
        Assert.Equal((1, 1), (source.Runs, source.Disposals));

        static async IAsyncEnumerable<FeedItem> FirstThenThree(string name, IAsyncEnumerable<Parcel> parcels, [EnumeratorCancellation] CancellationToken token)
        {
            yield return new FeedItem((await parcels.FirstAsync(token)).Number, name);
            for (int i = 1; i <= 3; i++)
            {
                await Task.Yield();
                yield return new FeedItem(i, name);
            }
        }
    }

    [Fact]
    public async Task A_fault_of_the_handler_comes_after_its_items_and_stops_the_source()
    {
        await ServeAsync(FirstThenFail);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(7);
        await using IAsyncEnumerator<FeedItem> items = client.ExchangeAsync("x", source, Cancel).GetAsyncEnumerator(Cancel);

        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(7, items.Current.Number);
        var broken = await Assert.ThrowsAsync<FeedBrokenException>(() => items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(9, broken.Number);
        await source.Disposed.OrFail();

        static async IAsyncEnumerable<FeedItem> FirstThenFail(string name, IAsyncEnumerable<Parcel> parcels, [EnumeratorCancellation] CancellationToken token)
        {
            yield return new FeedItem((await parcels.FirstAsync(token)).Number, name);
            throw new FeedBrokenException("broken", 9);
        }
    }

    [Fact]
    public async Task A_failure_of_the_source_reaches_the_consumer_though_the_handler_has_no_end()
    {
        await ServeAsync(Endless);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        await using IAsyncEnumerator<FeedItem> items = client.ExchangeAsync("x", source, Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        source.End(new InvalidDataException("the disk is broken"));

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            while (await items.MoveNextAsync().AsTask().OrFail())
            {
            }
        });

        static async IAsyncEnumerable<FeedItem> Endless(string name, IAsyncEnumerable<Parcel> parcels, [EnumeratorCancellation] CancellationToken token)
        {
            for (int i = 0; ; i++)
            {
                yield return new FeedItem(i, name);
                await Task.Delay(10, token);
            }
        }
    }

    [Fact]
    public async Task Items_that_break_the_contract_reach_the_consumer_with_their_path()
    {
        await ServeAsync(EchoAsync);
        IIntake client = await CreateClientAsync();

        var invalid = await Assert.ThrowsAsync<RpcValidationException>(() =>
            client.ExchangeAsync("x", new[] { Parcel(0), new Parcel(-1, "b") }.ToAsyncEnumerable(), Cancel).ToListAsync(Cancel).AsTask().OrFail());

        Assert.Equal(["parcels[1].number"], invalid.Errors.Keys);
    }

    private static async IAsyncEnumerable<FeedItem> EchoAsync(string name, IAsyncEnumerable<Parcel> parcels, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (Parcel parcel in parcels.WithCancellation(cancellationToken))
        {
            yield return new FeedItem(parcel.Number, $"{name}: {parcel.Text}");
        }
    }
}

public sealed class DuplexTestsInMemory(MemoryBroker broker) : DuplexTests(broker), IClassFixture<MemoryBroker>;

public sealed class DuplexTestsOnRabbitMq(SharedRabbit broker) : DuplexTests(broker);
