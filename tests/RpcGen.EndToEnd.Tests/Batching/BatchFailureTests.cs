using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>Batches that fail as a whole, and calls that end before their batch is answered.</summary>
public abstract class BatchFailureTests(ITestBroker broker) : BatchingTest(broker)
{
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
}

public sealed class BatchFailureTestsInMemory(MemoryBroker broker) : BatchFailureTests(broker), IClassFixture<MemoryBroker>;

public sealed class BatchFailureTestsOnRabbitMq(SharedRabbit broker) : BatchFailureTests(broker);
