using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>What instances tell about their calls.</summary>
public abstract class StatisticsTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task Calls_are_counted_by_method_and_outcome()
    {
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((text, _) => text switch
        {
            "held" => release.Task,
            "bad" => throw new InvalidOperationException(),
            _ => Task.FromResult(text),
        });
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await client.AskAsync("good", Cancel).OrFail();
        await client.SendAsync("good", Cancel).OrFail();
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.AskAsync("bad", Cancel).OrFail());
        await peer.SendAsync(Queue, "{", type: "Ask");
        Assert.Equal("protocol", (await peer.NextAsync()).FaultCode);
        await peer.SendAsync(Queue, "{}", type: "Nope");
        Assert.Equal("unknown-method", (await peer.NextAsync()).FaultCode);
        Task<string> held = client.AskAsync("held", Cancel);
        await Wait.UntilAsync(() => courier.Got.Contains("held"), "it is held");
        await Wait.UntilAsync(async () => Method(await ReadAsync(connection), "Send").Answered == 1, "the one-way call is over");
        RpcServiceStatistics statistics = await ReadAsync(connection);
        release.SetResult("");
        await held.OrFail();

        RpcMethodStatistics asked = Method(statistics, "Ask");
        Assert.Equal((1, 1, 1, 0, 1), (asked.InFlight, asked.Answered, asked.Faulted, asked.Cancelled, asked.Refused));
        Assert.Equal(2, asked.Durations.Sum());
        Assert.Equal(1, Method(statistics, "Send").Durations.Sum());
        Assert.Equal((1, 0, 1, 64), (statistics.Running, statistics.Waiting, statistics.Refused, statistics.Places));
        Assert.Equivalent((await connection.PingAsync(Queue, Cancel).OrFail()).Service, statistics.Service);
        Assert.Equal((await connection.DescribeAsync(Queue, Cancel).OrFail()).Methods.Select(method => method.Name), statistics.Methods.Select(method => method.Name));
    }

    [Fact]
    public async Task The_depth_of_a_queue_counts_what_no_server_has()
    {
        RpcServer server = await (await ConnectAsync()).ServeAsync<ICourier>(new Courier((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        await server.StopAsync(Cancel).OrFail();
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions);

        await client.SendAsync("one", Cancel).OrFail();
        await client.SendAsync("two", Cancel).OrFail();

        Assert.Equal(2, await connection.GetQueueDepthAsync(Queue, Cancel).OrFail());
        Assert.Null(await connection.GetQueueDepthAsync(Queue + ".none", Cancel).OrFail());
    }

    [Fact]
    public async Task The_counts_add_up_after_many_calls()
    {
        RpcConnection connection = await ConnectAsync();
        await (await ConnectAsync()).ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        ITroublemaker client = connection.CreateClient<ITroublemaker>(ClientOptions);

        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => client.DoIdempotentlyAsync($"{i}", Cancel))).OrFail();

        RpcServiceStatistics statistics = await ReadAsync(connection);
        Assert.Equal((1_000, 0), (Method(statistics, "DoIdempotently").Answered, Method(statistics, "DoIdempotently").InFlight));
        Assert.Equal(1_000, statistics.Methods.Sum(method => method.Durations.Sum() + method.Refused));
    }

    [Fact]
    public async Task Every_instance_answers_for_itself()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 3 }, Cancel);
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 5 }, Cancel);

        List<RpcServiceStatistics> all = await (await ConnectAsync()).GetStatisticsAsync(Queue, Cancel).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal([3, 5], all.Select(statistics => statistics.Places).Order());
        Assert.Equal(2, all.Select(statistics => statistics.Service.Instance.Id).Distinct().Count());
    }

    [Fact]
    public async Task Without_an_instance_there_is_no_answer()
    {
        RpcConnection connection = await ConnectAsync();

        Assert.Empty(await connection.GetStatisticsAsync(Queue, Cancel).ToListAsync(Cancel).AsTask().OrFail());
        await using RawPeer silent = await RawPeer.ConnectAsync(Broker);
        await silent.Channel.BindFanoutAsync(Queue + ".cancel", silent.Queue, Cancel);
        Assert.Empty(await connection.GetStatisticsAsync(Queue, Cancel).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Equal("$stats", (await silent.NextAsync()).Type);
        Assert.Throws<ArgumentException>(() => connection.GetStatisticsAsync("", Cancel));
    }

    [Fact]
    public async Task A_policy_that_refuses_the_description_refuses_the_statistics()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { DescriptionPolicy = "" }, Cancel);
        RpcConnection connection = await ConnectAsync();

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => connection.GetStatisticsAsync(Queue, Cancel).ToListAsync(Cancel).AsTask().OrFail());

        Assert.Contains("DescriptionPolicy", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_that_are_no_instances_are_ignored()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);
        await using RawPeer rogue = await RawPeer.ConnectAsync(Broker);
        await rogue.Channel.BindFanoutAsync(Queue + ".cancel", rogue.Queue, Cancel);
        RpcConnection connection = await ConnectAsync();

        Task<List<RpcServiceStatistics>> asking = connection.GetStatisticsAsync(Queue, Cancel).ToListAsync(Cancel).AsTask();
        Received question = await rogue.NextAsync();
        string[] bad =
        [
            "", "null", "[]", "{}", "7", "{\"instance\":null}", $$"""{"methods":[null],{{Identity}}}""", $$"""{"methods":{},{{Identity}}}""", $$"""{"running":1e30,{{Identity}}}""",
            $$"""{"methods":[{"durations":["x"]}],{{Identity}}}""", """{"queue":null}""",
            $$"""{"queue":"{{Queue}}"}""", $$"""{{{Identity.Replace(Queue, "Another", StringComparison.Ordinal)}}}""",
        ];
        foreach (string body in bad)
        {
            await AnswerAsync(body);
        }

        await AnswerAsync($$"""{"places":2147483647,"methods":[{"name":"x","durations":[9223372036854775807,-1]}],{{Identity}}}""");
        await AnswerAsync($$"""{"places":1,{{Identity}}}"""); // the same instance again
        List<RpcServiceStatistics> all = await asking.OrFail();

        Assert.Equal("$stats", question.Type);
        Assert.Equal([Queue, Queue], all.Select(statistics => statistics.Service.Queue));
        Assert.Equal([64, int.MaxValue], all.Select(statistics => statistics.Places).Order());

        ValueTask AnswerAsync(string body) => rogue.Channel.PublishAsync(
            new Transport.OutgoingMessage
            {
                Exchange = "",
                RoutingKey = question.ReplyTo!,
                ContentType = "application/json",
                CorrelationId = new Transport.CorrelationId(question.CorrelationId),
                Body = System.Text.Encoding.UTF8.GetBytes(body),
            },
            Cancel);
    }

    [Fact]
    public async Task The_answer_follows_the_protocol()
    {
        await (await ConnectAsync()).ServeAsync<ICourier>(new Courier(), ServerOptions, Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{}", type: "$stats", correlationId: "a");
        Received answer = await peer.NextAsync();

        Assert.Equal((null, "a", "application/json"), (answer.Type, answer.CorrelationId, answer.ContentType));
        JsonObject statistics = JsonNode.Parse(answer.Body)!.AsObject();
        Assert.Equal(["queue", "contract", "version", "digest", "instance", "places", "running", "waiting", "refused", "methods"], statistics.Select(member => member.Key));
        Assert.Equal(["name", "inFlight", "answered", "faulted", "cancelled", "refused", "durations"], statistics["methods"]![0]!.AsObject().Select(member => member.Key));
        Assert.Equal(1, (int)statistics["running"]!); // the question takes a place itself
    }

    private string Identity => $$"""
        "queue":"{{Queue}}","contract":"c","digest":"d","instance":{"id":"rogue","process":"p","processId":1,"host":"h","startedAt":"2026-01-01T00:00:00Z","software":"s"}
        """;

    private async Task<RpcServiceStatistics> ReadAsync(RpcConnection connection) =>
        Assert.Single(await connection.GetStatisticsAsync(Queue, Cancel).ToListAsync(Cancel).AsTask().OrFail());

    private static RpcMethodStatistics Method(RpcServiceStatistics statistics, string name) => statistics.Methods.Single(method => method.Name == name);
}

public sealed class StatisticsTestsInMemory(MemoryBroker broker) : StatisticsTests(broker), IClassFixture<MemoryBroker>;

public sealed class StatisticsTestsOnRabbitMq(SharedRabbit broker) : StatisticsTests(broker);
