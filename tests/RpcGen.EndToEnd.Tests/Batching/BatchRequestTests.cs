using System.Diagnostics;
using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>What a client sends to a hand-written server.</summary>
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
        Assert.Equal(("$batch", "application/json"), (batch.Type, batch.ContentType));
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

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json;batch=0")]
    [InlineData("application/json; charset=utf-8")]
    public async Task A_server_that_does_not_announce_batching_gets_no_batch(string contentType)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel), contentType);

        Task<string>[] calls = [.. Enumerable.Range(0, 5).Select(i => client.DoAsync($"{i}", Cancel))];

        for (int i = 0; i < 5; i++)
        {
            Received request = await server.NextAsync();
            Assert.Equal("Do", request.Type);
            await AnswerAsync(server, request, "\"x\"");
        }

        await Task.WhenAll(calls).OrFail();
    }

    [Fact]
    public async Task A_slow_method_is_batched_again_after_it_was_fast_for_a_while()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel));
        await TeachAsync(server, client.DoAsync("slow", Cancel), "application/json;batch=0");
        for (int i = 0; i < 15; i++)
        {
            await TeachAsync(server, client.DoAsync("quick", Cancel));
        }

        Task<string>[] singles = [client.DoAsync("1", Cancel), client.DoAsync("2", Cancel), client.DoAsync("3", Cancel)];
        for (int i = 0; i < 3; i++)
        {
            Received request = await server.NextAsync();
            Assert.Equal("Do", request.Type);
            await AnswerAsync(server, request);
        }

        await Task.WhenAll(singles).OrFail();
        Task<string>[] shared = [client.DoAsync("1", Cancel), client.DoAsync("2", Cancel), client.DoAsync("3", Cancel)];
        await AnswerAsync(server, await server.NextAsync());
        Received batch = await server.NextAsync();
        Assert.Equal("$batch", batch.Type);
        await AnswerAsync(server, batch, Replies(batch, "null"), "application/json", "$batch");
        await Task.WhenAll(shared).OrFail();
    }

    [Theory]
    [InlineData("unsupported")]
    [InlineData("unknown-method")]
    [InlineData("protocol")]
    public async Task A_server_that_cannot_read_a_batch_gets_its_calls_one_by_one_and_no_other_batch(string code)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        Received refused = await ReceiveBatchAsync(server, client, out Task<string>[] calls);

        await AnswerAsync(server, refused, $"{{\"type\":\"urn:rpcgen:fault:{code}\"}}", "application/problem+json", "fault");
        await AnswerAllAsync(server, "\"singly\"", count: 2);

        Assert.Equal(["singly", "singly"], await Task.WhenAll(calls).OrFail());
        Task<string>[] more = [client.DoAsync("3", Cancel), client.DoAsync("4", Cancel), client.DoAsync("5", Cancel)];
        await AnswerAllAsync(server, "\"more\"", count: 3);
        await Task.WhenAll(more).OrFail();
    }

    [Theory]
    [InlineData("[[")]
    [InlineData("{}")]
    [InlineData("[[1]]")]
    [InlineData("[[\"x\",1,\"fault\",\"slow\"]]")]
    public async Task An_unreadable_batch_reply_fails_the_calls_of_its_batch(string body)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        Received batch = await ReceiveBatchAsync(server, client, out Task<string>[] calls);

        await AnswerAsync(server, batch, body, "application/json", "$batch");

        foreach (Task<string> call in calls)
        {
            await Assert.ThrowsAsync<RpcProtocolException>(() => call.OrFail());
        }

        await TeachAsync(server, client.DoAsync("next", Cancel));
    }

    [Fact]
    public async Task Any_other_fault_of_a_batch_is_the_outcome_of_each_call()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        Received batch = await ReceiveBatchAsync(server, client, out Task<string>[] calls);

        await AnswerAsync(server, batch, "{\"type\":\"urn:rpcgen:fault:unavailable\",\"detail\":\"It stops.\"}", "application/problem+json", "fault");

        foreach (Task<string> call in calls)
        {
            Assert.Equal("It stops.", (await Assert.ThrowsAsync<RpcUnavailableException>(() => call.OrFail())).Message);
        }
    }

    [Fact]
    public async Task A_batch_to_a_missing_queue_fails_each_of_its_calls()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel));
        Task<string> before = client.DoAsync("before", Cancel);
        Received plain = await server.NextAsync();
        Task<string>[] calls = [client.DoAsync("1", Cancel), client.DoAsync("2", Cancel)];
        await Broker.DeleteQueueAsync(Queue);

        FireWaitTimer();

        foreach (Task<string> call in calls)
        {
            Assert.Equal(Queue, (await Assert.ThrowsAsync<RpcUnavailableException>(() => call.OrFail())).Queue);
        }

        await AnswerAsync(server, plain, "\"before\"");
        Assert.Equal("before", await before.OrFail());
        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("after", Cancel).OrFail());
    }

    [Fact]
    public async Task Each_call_of_a_batch_has_its_own_deadline_and_can_be_cancelled_alone()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel));
        using var giveUp = new CancellationTokenSource();
        using var giveUpEarly = new CancellationTokenSource();
        Task<string> alone = client.DoAsync("alone", Cancel);
        Received plain = await server.NextAsync();
        Task<string> late = client.With(timeout: TimeSpan.FromSeconds(1)).DoAsync("late", Cancel);
        Task<string> given = client.DoAsync("given up", giveUp.Token);
        Task<string> neverSent = client.DoAsync("never sent", giveUpEarly.Token);
        Task<string> answered = client.DoAsync("answered", Cancel);
        await giveUpEarly.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => neverSent.OrFail());
        await AnswerAsync(server, plain);
        Received batch = await server.NextAsync();
        JsonArray entries = JsonNode.Parse(batch.Body)!.AsArray();

        Assert.Equal(["late", "given up", "answered"], entries.Select(entry => entry![3]!["text"]!.GetValue<string>()));
        Assert.Equal([1000, 30_000, 30_000], entries.Select(entry => entry![2]!.GetValue<int>()));
        Assert.Equal("30000", batch.Expiration);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.OrFail());
        ClientClock.Advance(TimeSpan.FromSeconds(2));
        await Wait.UntilAsync(
            () =>
            {
                ClientClock.Advance(TimeSpan.FromMilliseconds(10));
                return late.IsCompleted;
            },
            "the deadline is noticed");
        await Assert.ThrowsAsync<RpcTimeoutException>(() => late.OrFail());
        await AnswerAsync(server, batch, Replies(batch, "\"x\""), "application/json", "$batch");
        Assert.Equal("x", await answered.OrFail());
        await alone.OrFail();
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

    [Fact]
    public async Task A_client_that_is_disposed_fails_every_call_of_a_batch_and_those_that_wait()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        RpcConnection connection = await ConnectAsync(Sharing);
        ITroublemaker client = connection.CreateClient<ITroublemaker>(ClientOptions);
        await ReceiveBatchAsync(server, client, out Task<string>[] calls);
        Task<string> waiting = client.DoAsync("waiting", Cancel);

        await connection.DisposeAsync();

        foreach (Task<string> call in calls.Append(waiting))
        {
            await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        }

        Assert.Equal(0, connection.PendingCalls);
    }

    [Fact]
    public async Task A_client_that_does_not_batch_does_not_ask()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = (await ConnectAsync(Sharing)).CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Batching = false });

        Task<string> call = client.DoAsync("x", Cancel);

        Received request = await server.NextAsync();
        Assert.Equal("application/json", request.ContentType);
        await AnswerAsync(server, request);
        await call.OrFail();
    }

    /// <summary>Two calls of a batch, and the batch.</summary>
    private protected Task<Received> ReceiveBatchAsync(RawPeer server, ITroublemaker client, out Task<string>[] calls)
    {
        var shared = new Task<string>[2];
        calls = shared;
        return ReceiveAsync();

        async Task<Received> ReceiveAsync()
        {
            await TeachAsync(server, client.DoAsync("first", Cancel));
            Task<string> alone = client.DoAsync("alone", Cancel);
            Received plain = await server.NextAsync();
            shared[0] = client.DoAsync("1", Cancel);
            shared[1] = client.DoAsync("2", Cancel);
            await AnswerAsync(server, plain);
            await alone.OrFail();
            Received batch = await server.NextAsync();
            Assert.Equal("$batch", batch.Type);
            return batch;
        }
    }

    private protected static string Replies(Received batch, string result) =>
        $"[{string.Join(',', JsonNode.Parse(batch.Body)!.AsArray().Select(entry => $"[\"{entry![0]!.GetValue<string>()}\",{result}]"))}]";

    private static async Task AnswerAllAsync(RawPeer server, string body, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Received request = await server.NextAsync();
            Assert.Equal("Do", request.Type);
            await AnswerAsync(server, request, body);
        }
    }
}

public sealed class BatchRequestTestsInMemory(MemoryBroker broker) : BatchRequestTests(broker), IClassFixture<MemoryBroker>;

public sealed class BatchRequestTestsOnRabbitMq(SharedRabbit broker) : BatchRequestTests(broker);
