using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>Servers that share a connection do not share their fate.</summary>
public sealed class SharedConnectionTests(PrivateRabbit broker) : FailureTest(broker), IClassFixture<PrivateRabbit>
{
    [Fact]
    public async Task A_queue_that_answers_after_its_declaration_was_given_up_harms_nothing_else()
    {
        string away = Queue + ".away";
        await Broker.DeclareQueueAsync(away);
        RpcConnection connection = await ConnectAsync();
        await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        ITroublemaker client = connection.CreateClient<ITroublemaker>(ClientOptions);

        await OnQueueAsync("suspend", away);
        try
        {
            // Given up after 20 s. Meanwhile and afterwards, calls to the other queue are served.
            RpcConnectionException refused = await Assert.ThrowsAsync<RpcConnectionException>(
                () => connection.ServeAsync<ITroublemaker>(
                    new Troublemaker((text, _) => Task.FromResult(text)), new RpcServerOptions { Queue = away, UseExistingQueue = true }, Cancel).OrFail());
            Assert.Contains("did not answer in time", refused.Message, StringComparison.Ordinal);
            Assert.Equal("meanwhile", await client.DoAsync("meanwhile", Cancel).OrFail());
        }
        finally
        {
            // The late answer is a refusal: the queue is deleted before it looks at the question.
            await OnQueueAsync("resume", away, before: "gen_server2:cast(P, delete_immediately)");
        }

        // The late answer has arrived once the queue is gone, and a server has declared it on the same connection.
        await Wait.UntilAsync(async () => await Broker.FindQueueAsync(away) is null, "the queue is deleted");
        await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), new RpcServerOptions { Queue = away }, Cancel).OrFail();
        Assert.Equal("after", await client.DoAsync("after", Cancel).OrFail());
        Assert.Equal(0, Log.Count(1));
        await Broker.DeleteQueueAsync(away);
    }

    [Fact]
    public async Task More_servers_than_a_connection_has_channels_get_another_connection()
    {
        string[] queues = [.. Enumerable.Range(0, 10).Select(i => $"{Queue}.{i}")];
        RpcConnection connection = await RpcConnection.ConnectAsync(Broker.Url + "?channel_max=8", new RpcConnectionOptions { LoggerFactory = Log }, Cancel);
        await using (connection)
        {
            foreach (string queue in queues)
            {
                await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(queue + text)), new RpcServerOptions { Queue = queue }, Cancel).OrFail();
            }

            foreach (string queue in queues)
            {
                Assert.Equal(queue + "!", await connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = queue }).DoAsync("!", Cancel).OrFail());
            }

            Assert.Equal(3, Log.Lines.Count(line => line.StartsWith("[11] ", StringComparison.Ordinal) && line.Contains("(serving)", StringComparison.Ordinal)));
        }

        foreach (string queue in queues)
        {
            await Broker.DeleteQueueAsync(queue);
        }
    }

    private Task OnQueueAsync(string action, string queue, string before = "ok") => broker.EvalAsync(
        $"{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>)), P = amqqueue:get_pid(Q), {before}, sys:{action}(P).");
}
