using System.Collections.Concurrent;
using System.Text;
using RpcGen.Tests.Hosting;
using RpcGen.Transport;

namespace RpcGen.Tests.Fuzzing;

/// <summary>
/// Sends mutated messages of every kind to a server. After each of them it answers a good call, no failure is one of its own,
/// and in the end nothing is left over.
/// </summary>
public sealed class ServerFuzzTests
{
    private const string Queue = FuzzSamples.Queue;

    private readonly ConcurrentQueue<string> _replies = new();

    [Fact]
    public async Task Every_message_leaves_the_server_serving()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string address = Application.NewAddress();
        await using RpcConnection connection = await RpcConnection.ConnectAsync(address, cancellationToken: cancel);
        await connection.ServeAsync<IFuzzed>(new Fuzzed(), new RpcServerOptions { Queue = Queue, EnableDetailedErrors = true }, cancel);
        IFuzzed good = connection.CreateClient<IFuzzed>(new RpcClientOptions { Queue = Queue });
        await using ITransportConnection raw = await TransportFactory.Create(address, new RpcConnectionOptions()).ConnectAsync("fuzzer", cancel);
        ITransportChannel channel = await raw.OpenChannelAsync(cancel);
        await channel.DeclareQueueAsync(new QueueDeclaration(FuzzSamples.ReplyQueue, QueueKind.Exclusive), cancel);
        await channel.ConsumeAsync(FuzzSamples.ReplyQueue, prefetch: 0, new Consumer(this), cancel);
        var settings = new FuzzSettings(defaultInputs: 20_000);
        TestContext.Current.SendDiagnosticMessage($"RPCGEN_FUZZ_SEED={settings.Seed}, {settings.Inputs} messages");

        for (long i = settings.First; i < settings.First + settings.Inputs; i++)
        {
            var mutator = new Mutator(settings.Seed, i);
            FuzzedMessage message = mutator.Mutate(mutator.Choose(FuzzSamples.Requests));
            await SendAsync(channel, message);
            Assert.True(await good.AddAsync((int)(i % 1000), 1, cancel).WaitAsync(FuzzSettings.Bound, cancel) == (i % 1000) + 1, settings.Describe(i, message));
            CheckReplies(settings.Describe(i, message));
        }

        List<RpcServiceStatistics> answers;
        do
        {
            answers = await connection.GetStatisticsAsync(Queue, cancel).ToListAsync(cancel).AsTask().WaitAsync(FuzzSettings.Bound, cancel);
        }
        while (answers is not [{ Running: 0 }]); // a call that kept its place would make this endless
    }

    private void OnDelivered(in IncomingMessage message) => _replies.Enqueue($"{message.CorrelationId}: {Encoding.UTF8.GetString(message.Body.Span)}");

    /// <summary>The service never fails, so a fault of the code <c>internal</c> means that a reader threw what it must not.</summary>
    private void CheckReplies(string message)
    {
        while (_replies.TryDequeue(out string? reply))
        {
            Assert.False(reply.Contains("urn:rpcgen:fault:internal", StringComparison.Ordinal), $"{message}, or a message shortly before it: {reply}");
        }
    }

    private static ValueTask SendAsync(ITransportChannel channel, FuzzedMessage message) => channel.PublishAsync(
        new OutgoingMessage
        {
            Exchange = message.Exchange,
            RoutingKey = message.Exchange.Length == 0 ? Queue : "",
            Type = message.Type,
            CorrelationId = new CorrelationId(message.Id),
            ReplyTo = message.ReplyTo,
            ContentType = message.ContentType,
            Expiration = message.Expiration,
            Timestamp = message.Timestamp,
            Headers = message.Headers,
            Body = message.Body,
        },
        TestContext.Current.CancellationToken);

    private sealed class Consumer(ServerFuzzTests tests) : ITransportConsumer
    {
        public void OnDelivered(in IncomingMessage message) => tests.OnDelivered(in message);

        public void OnCancelledByBroker()
        {
        }
    }
}
