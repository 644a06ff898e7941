using System.Text.Json;
using BenchmarkDotNet.Attributes;
using RpcGen.Benchmarks.Peers.RpcGen;
using RpcGen.Benchmarks.Workloads;
using RpcGen.Runtime;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Benchmarks.Micro;

/// <summary>
/// A whole call on the client: check and encode the request with its properties, find the pending call, decode the reply,
/// return the result. Its bytes include 56 for the correlation id's string, which RabbitMQ.Client creates.
/// </summary>
[MemoryDiagnoser]
public class CallBenchmarks
{
    private readonly byte[] _properties = new byte[512];
    private byte[] _reply = [];
    private ICalculator _calculator = null!;

    [GlobalSetup(Target = nameof(Add))]
    public Task SetUpAdd() => SetUpAsync("3"u8.ToArray());

    [GlobalSetup(Target = nameof(Echo))]
    public Task SetUpEcho() => SetUpAsync(JsonSerializer.SerializeToUtf8Bytes(Document.Sample, BenchmarkJson.Default.Document));

    [Benchmark]
    public ValueTask<int> Add() => _calculator.AddAsync(1, 2);

    [Benchmark]
    public ValueTask<Document> Echo() => _calculator.EchoAsync(Document.Sample);

    private async Task SetUpAsync(byte[] reply)
    {
        _reply = reply;
        RpcConnection connection = await RpcConnection.ConnectAsync(new CannedTransport(Reply), new RpcConnectionOptions(), SystemRandomSource.Instance, default);
        _calculator = connection.CreateClient<ICalculator>();
    }

    private void Reply(CannedChannel channel, in OutgoingMessage message)
    {
        var properties = new OutgoingProperties(in message);
        properties.WriteTo(_properties.AsSpan(0, properties.GetRequiredBufferSize()));
        var reply = new IncomingMessage { ContentType = "application/json", CorrelationId = message.CorrelationId.ToString(), Body = _reply };
        channel.Consumer!.OnDelivered(in reply);
    }
}
