using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Batching;

/// <summary>Many concurrent callers.</summary>
public abstract class BatchLoadTests(ITestBroker broker) : BatchingTest(broker)
{
    [Fact]
    public async Task Many_concurrent_calls_share_messages_and_each_gets_its_own_reply()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateSharingClientAsync();
        await TeachAsync(server, client.DoAsync("first", Cancel));
        Task<string>[] calls = [.. Enumerable.Range(0, 1000).Select(i => client.DoAsync($"{i}", Cancel))];
        int answered = 0;
        int messages = 0;
        while (answered < calls.Length)
        {
            Received request = await server.NextAsync();
            messages++;
            if (request.Type == "$batch")
            {
                var entries = System.Text.Json.Nodes.JsonNode.Parse(request.Body)!.AsArray();
                answered += entries.Count;
                string replies = string.Join(',', entries.Select(entry => $"[\"{entry![0]}\",\"{entry[3]!["text"]}\"]"));
                await AnswerAsync(server, request, $"[{replies}]", "application/json", "$batch");
            }
            else
            {
                answered++;
                await AnswerAsync(server, request, System.Text.Json.Nodes.JsonNode.Parse(request.Body)!["text"]!.ToJsonString());
            }
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), await Task.WhenAll(calls).OrFail());
        Assert.InRange(messages, 2, 10); // the first call, and batches of at most 512 calls
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_of_slow_methods_are_spread_over_servers_with_and_without_batching(bool batching)
    {
        int[] runs = new int[2];
        for (int i = 0; i < runs.Length; i++)
        {
            int server = i;
            await ServeAsync(
                async (text, token) =>
                {
                    Interlocked.Increment(ref runs[server]);
                    await Task.Delay(5, token);
                    return text;
                },
                new RpcServerOptions { MaxConcurrentCalls = 8 });
        }

        ITroublemaker client = (await ConnectAsync()).CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Batching = batching });
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async caller =>
        {
            for (int i = 0; i < 20; i++)
            {
                Assert.Equal($"{caller}.{i}", await client.DoAsync($"{caller}.{i}", Cancel));
            }
        })).OrFail();

        Assert.Equal(32 * 20, runs.Sum());
        Assert.All(runs, count => Assert.InRange(count, 32 * 20 / 4, 32 * 20 * 3 / 4));
    }
}

public sealed class BatchLoadTestsInMemory(MemoryBroker broker) : BatchLoadTests(broker), IClassFixture<MemoryBroker>;

public sealed class BatchLoadTestsOnRabbitMq(SharedRabbit broker) : BatchLoadTests(broker);
