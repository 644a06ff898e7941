using System.Text;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RpcGen.EndToEnd.Tests.Attacks;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Tests.Fuzzing;

namespace RpcGen.EndToEnd.Tests.Fuzzing;

/// <summary>
/// A rogue server answers each call with a mutated reply and then with a good one. Each call ends in a documented way, and the
/// client's calls to another server, whose replies share its queue, are answered meanwhile.
/// </summary>
public sealed class BrokerClientFuzzTests(PrivateRabbit broker) : BrokerFuzzTest(broker)
{
    private const int Callers = 32;

    private FuzzPublisher _rogue = null!;
    private long _number;

    private string RogueQueue => $"{Queue}.rogue";

    [Fact]
    public async Task Every_reply_ends_its_call_in_a_documented_way()
    {
        await using RpcConnection serving = await ConnectProductAsync();
        await serving.ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);
        await using FuzzPublisher rogue = _rogue = await ConnectAttackerAsync("worker", RogueQueue);
        await ConsumeRequestsAsync();
        await using RpcConnection calling = await ConnectProductAsync();
        Neighbours neighbours = await Neighbours.StartAsync(calling.CreateClient<ICalculator>(ClientOptions));
        IFuzzed client = calling.CreateClient<IFuzzed>(new RpcClientOptions { Queue = RogueQueue });
        _number = Settings.First;
        await CallAsync(client);
        NoteMemory();

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => CallUntilEndAsync(client))));

        await neighbours.UntilAnsweredAsync(100);
        await neighbours.StopAsync();
        CheckLog("at the end");
        await CheckRestAsync(rogue);
        await Broker.DeleteQueueAsync(RogueQueue);
    }

    private async Task CallUntilEndAsync(IFuzzed client)
    {
        while (Volatile.Read(ref _number) < Settings.First + Settings.Inputs)
        {
            await CallAsync(client);
        }
    }

    private async Task CallAsync(IFuzzed client)
    {
        long first = Volatile.Read(ref _number);
        Exception? thrown = await Record.ExceptionAsync(() => client.EchoAsync(new FuzzedTree("a"), Cancel).OrFail());
        string inputs = Settings.DescribePart(first, Volatile.Read(ref _number) - first);
        Assert.True(_rogue.Channel.IsOpen, $"{inputs}: the rogue server's channel was closed: {_rogue.Channel.CloseReason}");
        Assert.True(thrown is null or RpcException or FuzzedException, $"{inputs}: {thrown}");
        Assert.True(thrown is not RpcTimeoutException { Execution: not RpcExecution.Started }, $"No reply ended the call: {inputs}");
        CheckLog(inputs);
    }

    private async Task ConsumeRequestsAsync()
    {
        await _rogue.Channel.QueueDeclareAsync(RogueQueue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        var consumer = new AsyncEventingBasicConsumer(_rogue.Channel);
        consumer.ReceivedAsync += (_, request) => AnswerAsync(request);
        await _rogue.Channel.BasicConsumeAsync(RogueQueue, autoAck: true, consumer, Cancel);
    }

    /// <summary>Answers a request, or each call of a batch, with the next mutated reply, and then all with a good one.</summary>
    private async Task AnswerAsync(BasicDeliverEventArgs request)
    {
        string id = request.BasicProperties.CorrelationId!, replyTo = request.BasicProperties.ReplyTo!;
        bool isBatch = request.BasicProperties.Type == "$batch";
        string[] calls = isBatch ? [.. JsonNode.Parse(request.Body.Span)!.AsArray().Select(call => call![0]!.GetValue<string>())] : [id];
        foreach (string call in calls)
        {
            var mutator = new Mutator(Settings.Seed, Volatile.Read(ref _number));
            FuzzedMessage reply = mutator.Mutate(mutator.Choose(FuzzSamples.Replies).Answering(call));
            Interlocked.Increment(ref _number);
            await _rogue.SendAsync(reply, replyTo, mutator);
        }

        string good = Encoding.UTF8.GetString(FuzzSamples.Good.Body);
        string body = isBatch ? $"[{string.Join(',', calls.Select(call => $"[\"{call}\",{good}]"))}]" : good;
        var properties = new BasicProperties { CorrelationId = id, ContentType = "application/json", Type = isBatch ? "$batch" : null };
        await _rogue.Channel.BasicPublishAsync("", replyTo, mandatory: false, properties, Encoding.UTF8.GetBytes(body));
    }
}
