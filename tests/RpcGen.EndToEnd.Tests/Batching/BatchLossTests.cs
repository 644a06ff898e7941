using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>Connections that are lost while a batch is under way. Each call has its own outcome.</summary>
public abstract class BatchLossTests(IBreakableBroker broker) : BatchingTest(broker)
{
    [Fact]
    public async Task Only_the_idempotent_calls_of_a_lost_batch_are_sent_again()
    {
        await using RawPeer lost = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(lost, client.DoAsync("first", Cancel));
        await TeachAsync(lost, client.DoIdempotentlyAsync("first", Cancel));
        await TeachAsync(lost, client.DoOnceAsync("first", Cancel));

        Task<string> alone = client.DoAsync("alone", Cancel);
        Task<string> aloneOnce = client.DoOnceAsync("alone", Cancel);
        Task<string>[] idempotent = [client.DoIdempotentlyAsync("1", Cancel), client.DoIdempotentlyAsync("2", Cancel)];
        Task<string> other = client.DoAsync("3", Cancel);
        Task<string>[] once = [client.DoOnceAsync("4", Cancel), client.DoOnceAsync("5", Cancel)];
        foreach (Received plain in new[] { await lost.NextAsync(), await lost.NextAsync() })
        {
            await AnswerAsync(lost, plain);
        }

        await Task.WhenAll(alone, aloneOnce).OrFail();
        string?[] types = [(await lost.NextAsync()).Type, (await lost.NextAsync()).Type];
        Assert.Equal(["$batch", "$batch"], types); // at-most-once calls have a batch of their own
        await broker.CloseConnectionsAsync();

        foreach (Task<string> call in once.Append(other))
        {
            await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        }

        await ServeAsync((text, _) => Task.FromResult(text));
        await Wait.UntilAsync(
            () =>
            {
                ClientClock.Advance(TimeSpan.FromMilliseconds(100));
                return idempotent.All(call => call.IsCompleted);
            },
            "idempotent calls are answered by another server");
        Assert.Equal(["1", "2"], await Task.WhenAll(idempotent));
    }

    [Fact]
    public async Task Waiting_calls_are_sent_when_the_connection_is_open_again()
    {
        await using RawPeer lost = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(lost, client.DoAsync("first", Cancel));
        Task<string> alone = client.DoAsync("alone", Cancel);
        Task<string>[] waiting = [client.DoAsync("1", Cancel), client.DoAsync("2", Cancel), client.DoAsync("3", Cancel)];
        await lost.NextAsync();

        await broker.CloseConnectionsAsync();

        await Assert.ThrowsAsync<RpcConnectionException>(() => alone.OrFail());
        await ServeAsync((text, _) => Task.FromResult(text));
        await Wait.UntilAsync(
            () =>
            {
                ClientClock.Advance(TimeSpan.FromMilliseconds(100));
                return waiting.All(call => call.IsCompleted);
            },
            "calls that were not sent are answered");
        Assert.Equal(["1", "2", "3"], await Task.WhenAll(waiting));
    }

    [Fact]
    public async Task A_redelivered_batch_does_not_run_at_most_once_calls_again()
    {
        var runs = new ConcurrentDictionary<string, int>();
        var held = new Held();
        await ServeAsync(async (text, token) =>
        {
            int run = runs.AddOrUpdate(text, 1, (_, count) => count + 1);
            return run == 1 ? await held.ActAsync(text, token) : text;
        });
        await using RawPeer first = await RawPeer.ConnectAsync(Broker);
        await first.SendAsync(Queue, """[["1","DoIdempotently",60000,{"text":"again"}],["2","DoIdempotently",60000,{"text":"again too"}]]""", type: "$batch", correlationId: "a");
        await first.SendAsync(Queue, """[["3","DoOnce",60000,{"text":"once"}],["4","DoOnce",60000,{"text":"once too"}]]""", type: "$batch", correlationId: "b");
        await Wait.UntilAsync(() => runs.Count == 4, "all four run");

        await broker.CloseConnectionsAsync();

        await Wait.UntilAsync(() => runs["again"] + runs["again too"] == 4, "idempotent calls run again");
        await UntilQueueIsEmptyAsync();
        Assert.Equal((1, 1), (runs["once"], runs["once too"]));
    }
}

public sealed class BatchLossTestsInMemory(MemoryBroker broker) : BatchLossTests(broker), IClassFixture<MemoryBroker>;

public sealed class BatchLossTestsOnRabbitMq(PrivateRabbit broker) : BatchLossTests(broker), IClassFixture<PrivateRabbit>;
