using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RpcGen.EndToEnd.Tests.Attacks;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Tests.Fuzzing;

namespace RpcGen.EndToEnd.Tests.Fuzzing;

/// <summary>
/// A caller sends mutated messages of every kind to a server: to its queue, and to its exchanges for cancels, questions and
/// broadcasts. The server goes on to answer its neighbours, and the caller's good requests among the bad ones.
/// </summary>
public sealed class BrokerServerFuzzTests(PrivateRabbit broker) : BrokerFuzzTest(broker)
{
    private const string Fuzzed = FuzzSamples.Queue;
    private const int Part = 500;

    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _expected = new();
    private readonly ConcurrentQueue<string> _internal = new();
    private RpcConnection _calling = null!;

    [Fact]
    public async Task Every_message_leaves_the_server_serving()
    {
        await using RpcConnection serving = await ConnectProductAsync();
        await serving.ServeAsync<IFuzzed>(new Fuzzed(), new RpcServerOptions { Queue = Fuzzed, EnableDetailedErrors = true }, Cancel);
        await using RpcConnection calling = _calling = await ConnectProductAsync();
        IFuzzed client = calling.CreateClient<IFuzzed>(new RpcClientOptions { Queue = Fuzzed });
        Neighbours neighbours = await Neighbours.StartAsync((a, b) => client.AddAsync(a + b - (b % 1000), b % 1000));
        await using FuzzPublisher attacker = await ConnectAttackerAsync("caller", Fuzzed);
        await ConsumeRepliesAsync(attacker.Channel);

        long end = Settings.First + Settings.Inputs;
        Task outstanding = Task.CompletedTask;
        for (long first = Settings.First; first < end; first += Part)
        {
            long next = Math.Min(end, first + Part);
            string inputs = Settings.DescribePart(Math.Max(Settings.First, first - Part), next - Math.Max(Settings.First, first - Part));
            await SendAsync(attacker, first, next);
            Task answered = AskAsync(attacker.Channel, first);
            await WithinBoundAsync(outstanding, inputs, attacker.Channel);
            outstanding = answered;
            Assert.True(_internal.IsEmpty, $"{inputs}: {_internal.FirstOrDefault()}");
            CheckLog(inputs);
            if (first == Settings.First)
            {
                NoteMemory();
            }
        }

        await WithinBoundAsync(outstanding, Settings.DescribePart(Settings.First, Settings.Inputs), attacker.Channel);
        await PingAsync(attacker.Channel);
        await neighbours.UntilAnsweredAsync(100);
        await neighbours.StopAsync();
        await Wait.UntilAsync(async () => await calling.GetStatisticsAsync(Fuzzed, Cancel).ToListAsync(Cancel) is [{ Running: 0 }], "no call keeps its place");
        Assert.True(_internal.IsEmpty, _internal.FirstOrDefault());
        CheckLog("at the end");
        await CheckRestAsync(attacker);
    }

    private async Task SendAsync(FuzzPublisher attacker, long first, long next)
    {
        for (long number = first; number < next; number++)
        {
            var mutator = new Mutator(Settings.Seed, number);
            FuzzedMessage message = mutator.Mutate(mutator.Choose(FuzzSamples.Requests));

            // The number takes the place of the usual id, so that a reply tells which message it answers.
            await attacker.SendAsync(message.Id == "fuzz" ? message with { Id = $"fuzz-{number}" } : message, Fuzzed, mutator);
        }
    }

    /// <summary>Sends a good request after the bad messages. It is answered once everything that was sent to the queue before it was taken.</summary>
    private async Task AskAsync(IChannel channel, long number)
    {
        int a = (int)(number % 1_000_000);
        Task<string> sum = Expect($"sum-{number}");
        await channel.BasicPublishAsync("", Fuzzed, mandatory: true, Properties("Add", $"sum-{number}"), Encoding.UTF8.GetBytes($$"""{"a":{{a}},"b":7}"""));
        Assert.Equal($"{a + 7}", await sum);
    }

    /// <summary>Asks the instances until one answers: they answer so many questions a second, and the attacker has asked many.</summary>
    private async Task PingAsync(IChannel channel)
    {
        Task<string> answer = Expect("ping");
        await Wait.UntilAsync(
            async () =>
            {
                await channel.BasicPublishAsync($"{Fuzzed}.cancel", "", mandatory: true, Properties("$ping", "ping"), "{}"u8.ToArray());
                return answer.IsCompleted;
            },
            "an instance answers a question");
    }

    private Task<string> Expect(string id) =>
        _expected.GetOrAdd(id, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private static BasicProperties Properties(string type, string id) =>
        new() { Type = type, CorrelationId = id, ReplyTo = FuzzSamples.ReplyQueue, ContentType = "application/json", Expiration = "60000" };

    private async Task WithinBoundAsync(Task task, string inputs, IChannel channel)
    {
        Exception? thrown = await Record.ExceptionAsync(() => task.OrFail());
        if (thrown is not null)
        {
            Assert.Fail($"{inputs}: {thrown} The channel of the attacker: {channel.CloseReason?.ToString() ?? "open"}. Not answered: {string.Join(", ", _expected.Keys)}. The server: {await DescribeServerAsync()}.");
        }
    }

    /// <summary>What the server says about its calls, through the way that needs no place.</summary>
    private async Task<string> DescribeServerAsync()
    {
        try
        {
            List<RpcServiceStatistics> all = await _calling.GetStatisticsAsync(Fuzzed, Cancel).ToListAsync(Cancel).AsTask().OrFail();
            return string.Join("; ", all.Select(server => $"{server.Running} running, {server.Waiting} waiting, {string.Join(", ", server.Methods.Select(method => $"{method.Name} {method.InFlight} in flight, {method.Answered} answered, {method.Faulted} faulted, {method.Cancelled} cancelled, {method.Refused} refused"))}"));
        }
        catch (Exception e) when (e is RpcException or TimeoutException)
        {
            return e.Message;
        }
    }

    private async Task ConsumeRepliesAsync(IChannel channel)
    {
        await channel.QueueDeclareAsync(FuzzSamples.ReplyQueue, durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, reply) =>
        {
            if (reply.BasicProperties.CorrelationId is { } id && _expected.TryRemove(id, out TaskCompletionSource<string>? expected))
            {
                expected.SetResult(Encoding.UTF8.GetString(reply.Body.Span));
            }
            else if (reply.Body.Span.IndexOf("urn:rpcgen:fault:internal"u8) >= 0)
            {
                _internal.Enqueue($"{reply.BasicProperties.CorrelationId}: {Encoding.UTF8.GetString(reply.Body.Span)}");
            }

            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(FuzzSamples.ReplyQueue, autoAck: true, consumer, Cancel);
    }
}
