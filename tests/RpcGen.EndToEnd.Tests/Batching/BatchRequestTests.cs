using System.Diagnostics;
using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Tests.Support;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>The batches that a client sends to a hand-written server.</summary>
public abstract class BatchRequestTests(ITestBroker broker) : BatchingTest(broker)
{
    [Fact]
    public async Task Calls_that_wait_for_an_earlier_call_are_batched()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel));
        await TeachAsync(server, client.DoWithQuotaAsync("first", Cancel));

        Task<string> alone = client.DoAsync("alone", Cancel);
        Task<string> good = client.DoAsync("good \"✓\"", Cancel);
        Task<string> bad = client.DoWithQuotaAsync("bad", Cancel);
        Task<string> late = client.DoAsync("late", Cancel);
        Received plain = await server.NextAsync();
        await AnswerAsync(server, plain, "\"alone\"");
        Received batch = await server.NextAsync();

        Assert.Equal(("Do", Asking), (plain.Type, plain.ContentType));
        Assert.Equal(("$batch", BatchText.ContentType), (batch.Type, batch.ContentType));
        JsonArray entries = JsonNode.Parse(batch.Body)!.AsArray();
        Assert.Equal(3, entries.Count);
        Assert.Equal(["Do", "DoWithQuota", "Do"], entries.Select(entry => entry![1]!.GetValue<string>()));
        Assert.All(entries, entry => Assert.Matches("^[0-9a-f]{16}$", entry![0]!.GetValue<string>()));
        Assert.All(entries, entry => Assert.Equal(30_000, entry![2]!.GetValue<int>()));
        Assert.Equal("good \"✓\"", entries[0]![3]!["text"]!.GetValue<string>());
        Assert.Equal("30000", batch.Expiration);

        string[] ids = [.. entries.Select(entry => entry![0]!.GetValue<string>())];
        string problem = "{\"type\":\"urn:rpcgen:fault:quota\",\"detail\":\"No.\",\"data\":{\"limit\":3,\"users\":[]}}";
        await AnswerAsync(server, batch, $"[[\"{ids[0]}\",\"good\"],[\"0123456789abcdef\",1],[\"{ids[1]}\",{problem},\"fault\"],[\"{ids[0]}\",\"twice\"]]", "application/json", "$batch");
        await AnswerAsync(server, batch, ids[2], "\"by itself\"", Asking, type: null);

        Assert.Equal("alone", await alone.OrFail());
        Assert.Equal("good", await good.OrFail());
        Assert.Equal(3, (await Assert.ThrowsAsync<QuotaExceededException>(() => bad.OrFail())).Limit);
        Assert.Equal("by itself", await late.OrFail());
        Assert.Equal(2, Log.Count(20)); // the unknown id, and the second reply
    }

    [Fact]
    public async Task A_batch_goes_to_its_queue_even_if_its_first_call_is_cancelled_while_it_is_written()
    {
        string otherQueue = Queue + ".other";
        await Broker.DeclareQueueAsync(otherQueue);
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        var clock = new InterveningClock(nameof(Client.Batching.BatchSender.TrySendBatch));
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { TimeProvider = clock });
        ITroublemaker client = connection.CreateClient<ITroublemaker>(ClientOptions);
        ITroublemaker other = connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = otherQueue, Batching = false });
        await TeachAsync(server, client.DoAsync("first", Cancel));
        using var cancellation = new CancellationTokenSource();
        Task<string> alone = client.DoAsync("alone", Cancel);
        Task<string> given = client.DoAsync("given up", cancellation.Token);
        Task<string> kept = client.DoAsync("kept", Cancel);
        var otherCalls = new TaskCompletionSource<Task<string>[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        clock.Intervene(at: 2, () =>
        {
            cancellation.Cancel();
            ((IAsyncResult)given).AsyncWaitHandle.WaitOne(Wait.Bound); // from here on, its object can be reused
            otherCalls.SetResult([.. Enumerable.Range(0, 8).Select(_ => other.DoAsync("other", Cancel))]); // and one of these reuses it
        });

        await AnswerAsync(server, await server.NextAsync(), "\"alone\"");
        Received batch = await server.NextAsync();
        Task<string>[] others = await otherCalls.Task.OrFail();

        Assert.Equal("$batch", batch.Type);
        await AnswerAsync(server, batch, Replies(batch, "\"kept\""), "application/json", "$batch");
        Assert.Equal("kept", await kept.OrFail());
        Assert.Equal("alone", await alone.OrFail());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.OrFail());
        await using (RawPeer otherServer = await RawPeer.ConnectAsync(Broker, serves: otherQueue))
        {
            foreach (Task<string> _ in others)
            {
                Received single = await otherServer.NextAsync();
                Assert.Equal("Do", single.Type);
                await AnswerAsync(otherServer, single, "\"other\"");
            }
        }

        Assert.All(await Task.WhenAll(others).OrFail(), result => Assert.Equal("other", result));
        await Broker.DeleteQueueAsync(otherQueue);
    }

    [Fact]
    public async Task Waiting_calls_are_sent_without_a_slow_earlier_call()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel));
        Task<string> slow = client.DoAsync("slow", Cancel);
        Received plain = await server.NextAsync();
        Task<string>[] quick = [client.DoAsync("1", Cancel), client.DoAsync("2", Cancel)];

        FireWaitTimer();

        Received batch = await server.NextAsync();
        Assert.Equal("$batch", batch.Type);
        await AnswerAsync(server, batch, Replies(batch, "\"quick\""), "application/json", "$batch");
        Assert.Equal(["quick", "quick"], await Task.WhenAll(quick).OrFail());
        await AnswerAsync(server, plain, "\"slow\"");
        Assert.Equal("slow", await slow.OrFail());
    }

    [Fact]
    public async Task Large_calls_are_sent_alone_and_the_size_of_a_batch_is_limited()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel));
        Task<string> alone = client.DoAsync("alone", Cancel);
        Received plain = await server.NextAsync();

        Task<string> large = client.DoAsync(new string('x', 20_000), Cancel);
        Received single = await server.NextAsync();
        Assert.Equal("Do", single.Type);
        await AnswerAsync(server, single);
        await large.OrFail();

        Task<string>[] calls = [.. Enumerable.Range(0, 40).Select(i => client.DoAsync(new string('x', 10_000), Cancel))];
        await AnswerAsync(server, plain);
        await alone.OrFail();
        int received = 0;
        while (received < calls.Length)
        {
            Received batch = await server.NextAsync();
            Assert.InRange(batch.Body.Length, 0, 80_000);
            received += batch.Type == "$batch" ? JsonNode.Parse(batch.Body)!.AsArray().Count : 1;
            await (batch.Type == "$batch" ? AnswerAsync(server, batch, Replies(batch, "\"x\""), "application/json", "$batch") : AnswerAsync(server, batch));
        }

        await Task.WhenAll(calls).OrFail();
    }

    /// <summary>Runs an action when a given method reads the time.</summary>
    private sealed class InterveningClock(string method) : TimeProvider
    {
        private Action? _action;
        private int _left;

        public void Intervene(int at, Action action)
        {
            _left = at;
            Volatile.Write(ref _action, action);
        }

        public override long GetTimestamp()
        {
            if (Volatile.Read(ref _action) is not null &&
                new StackTrace().GetFrames().Any(frame => DiagnosticMethodInfo.Create(frame)?.Name == method) &&
                Interlocked.Decrement(ref _left) == 0)
            {
                Interlocked.Exchange(ref _action, null)?.Invoke();
            }

            return base.GetTimestamp();
        }
    }
}

public sealed class BatchRequestTestsInMemory(MemoryBroker broker) : BatchRequestTests(broker), IClassFixture<MemoryBroker>;

public sealed class BatchRequestTestsOnRabbitMq(SharedRabbit broker) : BatchRequestTests(broker);
