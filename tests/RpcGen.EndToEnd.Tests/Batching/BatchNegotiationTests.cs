using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>Clients batch only if they may, and if the server reads batches and the method is fast.</summary>
public abstract class BatchNegotiationTests(ITestBroker broker) : BatchingTest(broker)
{
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

public sealed class BatchNegotiationTestsInMemory(MemoryBroker broker) : BatchNegotiationTests(broker), IClassFixture<MemoryBroker>;

public sealed class BatchNegotiationTestsOnRabbitMq(SharedRabbit broker) : BatchNegotiationTests(broker);
