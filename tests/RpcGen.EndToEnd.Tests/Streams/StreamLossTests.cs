using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Connections and brokers are lost while streams are open.</summary>
public abstract class StreamLossTests(IBreakableBroker broker) : StreamTest(broker)
{
    [Fact]
    public async Task Both_sides_learn_of_a_lost_connection_at_once()
    {
        var source = new Source();
        source.Write(1, 2);
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        await broker.CloseConnectionsAsync();

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => items.MoveNextAsync().AsTask().OrFail());
        Assert.Contains("closed by the test", lost.Message, StringComparison.Ordinal);
        Assert.Equal((2, RpcExecution.Started), (lost.ItemsReceived, lost.Execution));
        await source.TokenFired.OrFail();
        await source.Disposed.OrFail();
        source.End();
        Assert.Empty(await client.With(timeout: TimeSpan.FromMinutes(1)).ReadAsync("y", Cancel).ToListAsync(Cancel).AsTask().OrFail());
    }

    [Fact]
    public async Task What_was_received_before_a_loss_is_delivered_first()
    {
        var source = new Source();
        source.Write(1, 2, 3);
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        await Wait.UntilAsync(() => source.Taken == 3, "all items are on their way");
        Assert.True(await items.MoveNextAsync().AsTask().OrFail()); // what was sent together has arrived

        await broker.CloseConnectionsAsync();
        await source.Disposed.OrFail();

        int taken = 2;
        var lost = await Assert.ThrowsAsync<RpcConnectionException>(async () =>
        {
            while (await items.MoveNextAsync().AsTask().OrFail())
            {
                Assert.Equal(++taken, items.Current.Number);
            }
        });
        Assert.Equal(taken, lost.ItemsReceived);
    }

    [Fact]
    public async Task A_stream_of_an_idempotent_method_is_opened_again_if_nothing_had_come()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = (await CreateClientAsync()).With(timeout: TimeSpan.FromMinutes(1));
        Task<List<FeedItem>> reading = client.ReadIdempotentlyAsync("x", Cancel).ToListAsync(Cancel).AsTask();
        await source.Started.OrFail();
        await UntilQueueIsEmptyAsync(); // else the broker would deliver the first request again, too

        await broker.CloseConnectionsAsync();
        await source.Disposed.OrFail();
        source.Write(1);
        source.End();

        Assert.Equal([Item(1)], await reading.OrFail());
    }

    [Fact]
    public async Task A_stream_goes_on_while_the_broker_blocks()
    {
        var source = new Source();
        var beats = new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromSeconds(1) };
        await ServeAsync(source.ReadAsync, connection: beats);
        IFeed client = await CreateClientAsync(beats);
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        source.Write(1);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        await broker.BlockAsync();
        Task<bool> next = items.MoveNextAsync().AsTask();
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(4), Cancel)); // longer than a peer may be silent
        Assert.False(next.IsCompleted);
        await broker.UnblockAsync();
        source.Write(2);

        Assert.True(await next.OrFail());
    }

    [Fact]
    public async Task Peers_that_say_nothing_but_beats_stay_connected()
    {
        var source = new Source();
        var beats = new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromSeconds(1) };
        await ServeAsync(source.ReadAsync, connection: beats);
        IFeed client = await CreateClientAsync(beats);
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        source.Write(1);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        Task<bool> next = items.MoveNextAsync().AsTask();
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(4), Cancel)); // longer than a peer may be silent

        Assert.False(next.IsCompleted);
        source.Write(2);
        Assert.True(await next.OrFail());
    }

    [Fact]
    public async Task A_deleted_request_queue_does_not_matter_to_open_streams()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        source.Write(1);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        await Broker.DeleteQueueAsync(Queue);
        source.Write(2);

        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
    }
}

public sealed class StreamLossTestsInMemory(MemoryBroker broker) : StreamLossTests(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task A_stream_goes_on_if_only_the_serving_connection_is_lost()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        source.Write(1);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());

        broker.CloseConnections("serving");
        await Wait.UntilAsync(() => Log.Count(1) > 0, "the loss is noticed");
        source.Write(2);

        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Equal(1, source.Runs);
    }
}

public sealed class StreamLossTestsOnRabbitMq(PrivateRabbit broker) : StreamLossTests(broker), IClassFixture<PrivateRabbit>
{
    [Fact]
    public async Task Items_that_a_length_limit_drops_fail_the_stream_after_those_before_them()
    {
        await broker.EvalAsync("rabbit_policy:set(<<\"/\">>, <<\"short\">>, <<\"^rpc[.]cb[.]\">>, [{<<\"max-length\">>, 1}], 0, <<\"queues\">>, <<\"test\">>).");
        try
        {
            var source = new Source();
            source.Write(0);
            await ServeAsync(source.ReadAsync);
            RpcConnection calling = await ConnectAsync();
            await using IAsyncEnumerator<FeedItem> items = calling.CreateClient<IFeed>(ClientOptions).ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
            Assert.True(await items.MoveNextAsync().AsTask().OrFail());
            string queue = calling.Streams.Current!.Queue;
            string channels = $"{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>)), [sys:OPERATION(element(1, C)) || C <- rabbit_amqqueue:consumers(Q)].";

            await broker.EvalAsync(channels.Replace("OPERATION", "suspend", StringComparison.Ordinal)); // the broker delivers 200 messages to a channel that takes none
            int written = 0;
            for (int wanted = 225; await broker.FindQueueAsync(queue) is not { Ready: 1 }; wanted += 25)
            {
                while (written < wanted)
                {
                    source.Write(++written);
                    await Task.Delay(1, Cancel); // a message for each
                }
            }

            source.Write(++written, ++written, ++written);
            source.End();
            await source.Disposed.OrFail();
            await broker.EvalAsync(channels.Replace("OPERATION", "resume", StringComparison.Ordinal));

            int taken = 0;
            var lost = await Assert.ThrowsAsync<RpcProtocolException>(async () =>
            {
                while (await items.MoveNextAsync().AsTask().OrFail())
                {
                    Assert.Equal(++taken, items.Current.Number);
                }
            });
            Assert.InRange(taken, 1, written - 1);
            Assert.Contains("where item", lost.Message, StringComparison.Ordinal);
        }
        finally
        {
            await broker.EvalAsync("rabbit_policy:delete(<<\"/\">>, <<\"short\">>, <<\"test\">>).");
        }
    }
}
