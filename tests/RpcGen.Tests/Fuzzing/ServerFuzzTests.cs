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
    private const string Queue = "fuzzed";
    private const string Replies = "rpc.cb.fuzz";

    private static readonly FuzzedMessage[] Samples =
    [
        Of("Add", """{"a":1,"b":2}"""),
        Of("Echo", """{"tree":{"name":"root","children":[{"name":"leaf"},null],"byNumber":{"1":{"name":"one"}},"ids":["6f9619ff-8b86-d011-b42d-00c04fc964ff"],"at":"2026-01-01T00:00:00Z","bytes":"AQID","amount":1.5,"day":3}}"""),
        Of("$batch", """[["0000000000000001","Add",10000,{"a":1,"b":2}],["x","Echo",10000,{"tree":{"name":"a"}},"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],["y","Nope",1,{},null,12]]"""),
        Of("$ping", "{}"),
        Of("$describe", "{}"),
        Of(null, "") with { IsCancel = true },
    ];

    private readonly ConcurrentQueue<string> _replies = new();

    [Fact]
    public async Task Every_message_leaves_the_server_serving()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string address = Application.NewAddress();
        await using RpcConnection connection = await RpcConnection.ConnectAsync(address, cancellationToken: cancel);
        await connection.ServeAsync<IFuzzed>(new Fuzzed(), new RpcServerOptions { Queue = Queue }, cancel);
        IFuzzed good = connection.CreateClient<IFuzzed>(new RpcClientOptions { Queue = Queue });
        await using ITransportConnection raw = await TransportFactory.Create(address, new RpcConnectionOptions()).ConnectAsync("fuzzer", cancel);
        ITransportChannel channel = await raw.OpenChannelAsync(cancel);
        await channel.DeclareQueueAsync(new QueueDeclaration(Replies, QueueKind.Exclusive), cancel);
        await channel.ConsumeAsync(Replies, prefetch: 0, new Consumer(this), cancel);
        var settings = new FuzzSettings();
        TestContext.Current.SendDiagnosticMessage($"RPCGEN_FUZZ_SEED={settings.Seed}, {settings.Inputs} messages");

        for (long i = settings.First; i < settings.First + settings.Inputs; i++)
        {
            var mutator = new Mutator(settings.Seed, i);
            FuzzedMessage message = mutator.Mutate(mutator.Choose(Samples));
            await SendAsync(channel, message);
            Assert.True(await good.AddAsync((int)(i % 1000), 1, cancel).WaitAsync(FuzzSettings.Bound, cancel) == (i % 1000) + 1, settings.Describe(i, message));
            CheckReplies(settings.Describe(i, message));
        }

        RpcServerCounters counters;
        do
        {
            counters = (await connection.DescribeAsync(Queue, cancel).WaitAsync(FuzzSettings.Bound, cancel)).Counters!;
        }
        while (counters.InFlight > 1); // the question itself; a call that kept its place would make this endless
    }

    private void OnDelivered(in IncomingMessage message) => _replies.Enqueue(Encoding.UTF8.GetString(message.Body.Span));

    private static FuzzedMessage Of(string? type, string body) => new(type, Encoding.UTF8.GetBytes(body)) { ReplyTo = Replies };

    /// <summary>The service never fails, so a fault of the code <c>internal</c> means that a reader threw what it must not.</summary>
    private void CheckReplies(string message)
    {
        while (_replies.TryDequeue(out string? reply))
        {
            Assert.False(reply.Contains("urn:rpcgen:fault:internal", StringComparison.Ordinal), message);
        }
    }

    private static ValueTask SendAsync(ITransportChannel channel, FuzzedMessage message) => channel.PublishAsync(
        new OutgoingMessage
        {
            Exchange = message.IsCancel ? $"{Queue}.cancel" : "",
            RoutingKey = message.IsCancel ? "" : Queue,
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
