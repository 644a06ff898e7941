using RpcGen.Tests.Hosting;
using RpcGen.Transport;

namespace RpcGen.Tests.Fuzzing;

/// <summary>
/// Answers calls with mutated replies of every kind, and then with a good one. Each call ends with a result or with an exception
/// that is documented, and the next call is answered.
/// </summary>
public sealed class ClientFuzzTests
{
    private const string Queue = "fuzzing";

    private readonly FuzzSettings _settings = new(defaultInputs: 20_000);
    private ITransportChannel _channel = null!;
    private long _number;
    private FuzzedMessage _last = FuzzSamples.Good;

    [Fact]
    public async Task Every_reply_ends_its_call_in_a_documented_way()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        string address = Application.NewAddress();
        await using ITransportConnection raw = await TransportFactory.Create(address, new RpcConnectionOptions()).ConnectAsync("fuzzer", cancel);
        _channel = await raw.OpenChannelAsync(cancel);
        await _channel.DeclareQueueAsync(new QueueDeclaration(Queue, QueueKind.Classic), cancel);
        await using RpcConnection connection = await RpcConnection.ConnectAsync(address, cancellationToken: cancel);
        IFuzzed client = connection.CreateClient<IFuzzed>(new RpcClientOptions { Queue = Queue });
        _number = _settings.First;
        await _channel.ConsumeAsync(Queue, prefetch: 0, new Consumer(this), cancel);
        TestContext.Current.SendDiagnosticMessage($"RPCGEN_FUZZ_SEED={_settings.Seed}, {_settings.Inputs} replies");

        while (_number < _settings.First + _settings.Inputs)
        {
            long number = _number;
            Exception? thrown = await Record.ExceptionAsync(() => client.EchoAsync(new FuzzedTree("a"), cancel).WaitAsync(FuzzSettings.Bound, cancel));
            Assert.True(thrown is null or RpcException or FuzzedException, $"{_settings.Describe(number, _last)}: {thrown}");
            Assert.True(thrown is not RpcTimeoutException { Execution: not RpcExecution.Started }, $"No reply ended the call: {_settings.Describe(number, _last)}");
        }
    }

    /// <summary>Answers a request with the next mutated reply, and then with a good one, in case that the first is for nobody.</summary>
    private void OnDelivered(in IncomingMessage message)
    {
        string id = message.CorrelationId!;
        var mutator = new Mutator(_settings.Seed, _number);
        _last = mutator.Mutate(mutator.Choose(FuzzSamples.Replies).Answering(id));
        _number++;
        _ = SendAsync(message.ReplyTo!, _last);
        _ = SendAsync(message.ReplyTo!, FuzzSamples.Good.Answering(id));
    }

    private async Task SendAsync(string replyTo, FuzzedMessage reply) => await _channel.PublishAsync(
        new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = replyTo,
            Type = reply.Type,
            CorrelationId = new CorrelationId(reply.Id),
            ContentType = reply.ContentType,
            Headers = reply.Headers,
            Body = reply.Body,
        },
        CancellationToken.None);

    private sealed class Consumer(ClientFuzzTests tests) : ITransportConsumer
    {
        public void OnDelivered(in IncomingMessage message) => tests.OnDelivered(in message);

        public void OnCancelledByBroker()
        {
        }
    }
}
