using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Streams that clients send.</summary>
public abstract class UploadTests(ITestBroker broker) : UploadTest(broker)
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(5_000, 0)]
    [InlineData(2_000, 1_000)]
    public async Task Items_arrive_in_order_and_the_result_returns(int count, int length)
    {
        await ServeAsync(CountAsync);
        IIntake client = await CreateClientAsync();

        Receipt receipt = await client.StoreAsync("all", ParcelsAsync(count, length, Cancel), Cancel).OrFail();

        Assert.Equal(new Receipt(count, "all"), receipt);
    }

    [Fact]
    public async Task Several_streams_and_values_go_with_one_call()
    {
        await ServeAsync(CountAsync);
        IIntake client = await CreateClientAsync();

        string[] zipped = await client.ZipAsync(AsyncEnumerable.Range(1, 3), "-", new[] { "a", "b", "c" }.ToAsyncEnumerable(), Cancel).OrFail();

        Assert.Equal(["1-a", "2-b", "3-c"], zipped);
    }

    [Fact]
    public async Task A_method_without_a_result_completes()
    {
        int count = -1;
        await ServeAsync(async (_, parcels, token) => new Receipt(count = await parcels.CountAsync(token), ""));
        IIntake client = await CreateClientAsync();

        await client.DiscardAsync(ParcelsAsync(3, cancellationToken: Cancel), Cancel).OrFail();

        Assert.Equal(3, count);
    }

    [Fact]
    public async Task An_item_arrives_while_the_source_waits()
    {
        var first = new TaskCompletionSource<Parcel>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            await foreach (Parcel parcel in parcels.WithCancellation(token))
            {
                first.TrySetResult(parcel);
            }

            return new Receipt(1, name);
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        source.Write(7);

        Assert.Equal(Parcel(7), await first.Task.OrFail());
        Assert.False(storing.IsCompleted);
        source.End();
        Assert.Equal(1, (await storing.OrFail()).Count);
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
        Assert.Empty(source.Misuses);
    }

    [Fact]
    public async Task A_slow_handler_suspends_the_source()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            await go.Task.WaitAsync(token);
            return await CountAsync(name, parcels, token);
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        for (int i = 0; i < 1000; i++)
        {
            source.Write(Parcel(i, 1000));
        }

        source.End();
        Task<Receipt> storing = client.StoreNarrowlyAsync("x", source, Cancel);
        await Wait.UntilAsync(() => source.Taken > 10, "the source is ahead");
        int before;
        do
        {
            before = source.Taken;
            await Task.Delay(100, Cancel);
        }
        while (source.Taken != before);

        Assert.InRange(before, 10, (4096 + (2 * 65_536) + 4096) / 1000);
        go.SetResult();
        Assert.Equal(1000, (await storing.OrFail()).Count);
    }

    [Fact]
    public async Task Items_on_demand_are_produced_one_at_a_time()
    {
        var source = new ParcelSource();
        source.Write([.. Enumerable.Range(0, 30)]);
        source.End();
        await ServeAsync(async (name, parcels, token) =>
        {
            int taken = 0;
            await foreach (Parcel _ in parcels.WithCancellation(token))
            {
                taken++;
                Assert.InRange(source.Taken, taken, taken + 1);
            }

            return new Receipt(taken, name);
        });
        IIntake client = await CreateClientAsync();

        Assert.Equal(30, (await client.StoreOnDemandAsync("x", source, Cancel).OrFail()).Count);
    }

    [Fact]
    public async Task An_open_upload_holds_neither_a_place_nor_its_request()
    {
        await ServeAsync(CountAsync, new RpcServerOptions { MaxConcurrentCalls = 1 });
        IIntake client = await CreateClientAsync();
        ParcelSource[] sources = [new(), new()];
        Task<Receipt>[] storing = [.. sources.Select(source => client.StoreAsync("x", source, Cancel))];
        await Wait.UntilAsync(() => Array.TrueForAll(sources, source => source.Runs == 1), "both sources are read");

        Assert.Equal("meanwhile", await client.EchoAsync("meanwhile", Cancel).OrFail());
        await UntilQueueIsEmptyAsync();
        Array.ForEach(sources, source => source.End());
        await Task.WhenAll(storing).OrFail();
    }

    [Fact]
    public async Task One_upload_more_than_the_server_allows_is_refused_and_its_source_is_not_touched()
    {
        await ServeAsync(CountAsync, new RpcServerOptions { MaxStreams = 1 });
        IIntake client = await CreateClientAsync();
        var first = new ParcelSource();
        var second = new ParcelSource();
        Task<Receipt> storing = client.StoreAsync("x", first, Cancel);
        await Wait.UntilAsync(() => first.Runs == 1, "the first source is read");

        var refused = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.StoreAsync("y", second, Cancel).OrFail());

        Assert.Equal((RpcUnavailableReason.Overloaded, RpcExecution.NotStarted), (refused.Reason, refused.Execution));
        Assert.Equal(0, second.Runs);
        first.End();
        await storing.OrFail();
    }

    [Fact]
    public async Task A_connection_can_call_itself()
    {
        RpcConnection connection = await ConnectAsync();
        await connection.ServeAsync<IIntake>(new Intake(CountAsync, (_, parcels, _) => parcels.Select(parcel => new FeedItem(parcel.Number, parcel.Text))), ServerOptions, Cancel);
        IIntake client = connection.CreateClient<IIntake>(ClientOptions);

        Assert.Equal(100, (await client.StoreAsync("x", ParcelsAsync(100, 5000, Cancel), Cancel).OrFail()).Count);
        Assert.Equal(100, await client.ExchangeAsync("x", ParcelsAsync(100, 5000, Cancel), Cancel).CountAsync(Cancel).AsTask().OrFail());
    }

    [Fact]
    public async Task Items_above_the_limit_fail_the_call()
    {
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            int count = 0;
            try
            {
                await foreach (Parcel _ in parcels.WithCancellation(token))
                {
                    count++;
                }
            }
            finally
            {
                seen.SetResult(count);
            }

            return new Receipt(count, name);
        });
        IIntake client = await CreateClientAsync(new RpcConnectionOptions { MaxMessageBytes = 100_000 });

        var tooLarge = await Assert.ThrowsAsync<RpcProtocolException>(() => client.StoreAsync("x", new[] { Parcel(0, 90_000), Parcel(1, 100_000) }.ToAsyncEnumerable(), Cancel).OrFail());

        Assert.Contains("Item 1 of the stream 'parcels'", tooLarge.Message, StringComparison.Ordinal);
        Assert.Equal(1, await seen.Task.OrFail());
    }

    [Fact]
    public async Task A_result_above_the_limit_fails_the_call()
    {
        await ServeAsync((_, _, _) => Task.FromResult(new Receipt(1, new string('x', 100_000))), connection: new RpcConnectionOptions { MaxMessageBytes = 50_000 });
        IIntake client = await CreateClientAsync();

        var tooLarge = await Assert.ThrowsAsync<RpcProtocolException>(() => client.StoreAsync("x", ParcelsAsync(1, cancellationToken: Cancel), Cancel).OrFail());

        Assert.Contains("more than the limit of 50000", tooLarge.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_marks_the_stream()
    {
        await ServeAsync(CountAsync);
        RpcConnection connection = await ConnectAsync();

        RpcServiceDescription description = await connection.DescribeAsync(Queue, Cancel).OrFail();

        string arguments = description.Methods.Single(method => method.Name == "Store").ArgumentsSchema.ToString();
        System.Text.Json.Nodes.JsonNode parcels = System.Text.Json.Nodes.JsonNode.Parse(arguments)!["properties"]!["parcels"]!;
        Assert.True((bool)parcels["stream"]!);
        Assert.NotNull(parcels["items"]!["properties"]!["number"]);
        Assert.Equal("""["name"]""", System.Text.Json.Nodes.JsonNode.Parse(arguments)!["required"]!.ToJsonString());
    }
}

public sealed class UploadTestsInMemory(MemoryBroker broker) : UploadTests(broker), IClassFixture<MemoryBroker>;

public sealed class UploadTestsOnRabbitMq(SharedRabbit broker) : UploadTests(broker);
