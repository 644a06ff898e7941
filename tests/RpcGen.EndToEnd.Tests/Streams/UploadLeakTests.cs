using System.Runtime.CompilerServices;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Calls with streams both ways that end at any point leave nothing behind.</summary>
public sealed class UploadLeakTests(MemoryBroker broker) : UploadTest(broker), IClassFixture<MemoryBroker>
{
    private const int Calls = 600;

    [Fact]
    public async Task Calls_that_end_at_any_point_leave_nothing_behind()
    {
        RpcConnection serving = await ConnectAsync();
        await serving.ServeAsync<IIntake>(new Intake(StoreAsync, ExchangeAsync), ServerOptions, Cancel);
        RpcConnection calling = await ConnectAsync();
        IIntake client = calling.CreateClient<IIntake>(ClientOptions);
        var sources = new ParcelSource[Calls];

        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Cancel }, async (i, _) =>
        {
            var random = new Random(i);
            sources[i] = CreateSource(random);
            await CallAsync(client, sources[i], random);
        }).OrFail();

        await Wait.UntilAsync(
            () => calling.Streams.Current is { Calls: 0 } && serving.Streams.Current is { Calls: 0 } && calling.Streams.Budget.Used == 0 && serving.Streams.Budget.Used == 0,
            $"nothing is left: {calling.Streams.Current?.Calls} and {serving.Streams.Current?.Calls} calls, {calling.Streams.Budget.Used} and {serving.Streams.Budget.Used} bytes");
        Assert.All(sources, source => Assert.Equal(source.Runs, source.Disposals));
        Assert.Empty(sources.SelectMany(source => source.Misuses));
        Assert.True(sources.Sum(source => source.Runs) > Calls / 2);
    }

    private static ParcelSource CreateSource(Random random)
    {
        var source = new ParcelSource();
        for (int i = random.Next(100); i > 0; i--)
        {
            source.Write(Parcel(i, 200));
        }

        if (random.Next(4) != 0)
        {
            source.End(random.Next(4) == 0 ? new InvalidDataException("broken") : null);
        }

        return source;
    }

    private static async Task CallAsync(IIntake client, ParcelSource source, Random random)
    {
        using var caller = new CancellationTokenSource();
        string name = random.Next(60).ToString(System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            if (random.Next(2) == 0)
            {
                Task<Receipt> storing = client.StoreNarrowlyAsync(name, source, caller.Token);
                await Task.WhenAny(storing, Task.Delay(random.Next(20), Cancel));
                await caller.CancelAsync();
                await storing;
            }
            else
            {
                caller.CancelAfter(random.Next(100)); // some sources never end
                int left = random.Next(60);
                await foreach (FeedItem item in client.ExchangeNarrowlyAsync(name, source, caller.Token))
                {
                    Assert.StartsWith("parcel", item.Text, StringComparison.Ordinal);
                    if (left-- == 0)
                    {
                        break;
                    }

                    if (random.Next(40) == 0)
                    {
                        _ = caller.CancelAsync();
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidDataException or FeedBrokenException)
        {
        }
    }

    /// <summary>Takes some parcels, then answers, fails, or leaves its enumerator behind.</summary>
    private static async Task<Receipt> StoreAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken token)
    {
        int wanted = int.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
        IAsyncEnumerator<Parcel> items = parcels.GetAsyncEnumerator(token);
        int taken = 0;
        while (taken < wanted && await items.MoveNextAsync())
        {
            taken++;
        }

        if (wanted % 3 != 0)
        {
            await items.DisposeAsync();
        }

        return wanted % 7 == 0 ? throw new FeedBrokenException("broken", taken) : new Receipt(taken, name);
    }

    private static async IAsyncEnumerable<FeedItem> ExchangeAsync(string name, IAsyncEnumerable<Parcel> parcels, [EnumeratorCancellation] CancellationToken token)
    {
        int left = int.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
        await foreach (Parcel parcel in parcels.WithCancellation(token))
        {
            yield return new FeedItem(parcel.Number, parcel.Text);
            if (left-- == 0)
            {
                throw new FeedBrokenException("broken", 0);
            }
        }
    }
}
