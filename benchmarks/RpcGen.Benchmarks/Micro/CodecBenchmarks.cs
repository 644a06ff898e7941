using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BenchmarkDotNet.Attributes;
using RpcGen.Benchmarks.Peers.RpcGen;
using RpcGen.Benchmarks.Workloads;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Serialization;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Benchmarks.Micro;

/// <summary>Reading and writing only.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly byte[] _properties = new byte[512];
    private readonly PooledBuffer _body = new();
    private readonly byte[] _document = JsonSerializer.SerializeToUtf8Bytes(Document.Sample, BenchmarkJson.Default.Document);
    private IArgumentWriter _add = null!;
    private JsonTypeInfo<Document> _documentType = null!;

    /// <summary>Writes a method's arguments. Hides their types.</summary>
    private interface IArgumentWriter
    {
        void Write(Utf8JsonWriter writer);
    }

    [GlobalSetup]
    public void SetUp()
    {
        var binder = new CapturingBinder(RpcJsonFactory.Create([BenchmarkJson.Default], new RpcContract("calc")));
        Bind<ICalculator>(binder);
        _add = binder.Writers["Add"];
        _documentType = binder.Json.GetTypeInfo<Document>();
    }

    [Benchmark]
    public int EncodeRequest()
    {
        _body.Reset();
        Utf8JsonWriter writer = JsonWriters.Rent(_body);
        _add.Write(writer);
        writer.Flush();
        JsonWriters.Return(writer);
        return _body.Length;
    }

    [Benchmark]
    public int EncodeProperties()
    {
        var message = new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = "calc",
            ContentType = WireNames.Json,
            Type = "Add",
            CorrelationId = new CorrelationId(0x0123456789abcdef),
            ReplyTo = "rpc.cb.0123456789abcdef",
            Expiration = 30_000,
            Timestamp = 1_700_000_000,
            Body = _body.Written,
        };
        var properties = new OutgoingProperties(in message);
        return properties.WriteTo(_properties.AsSpan(0, properties.GetRequiredBufferSize()));
    }

    [Benchmark]
    public Document? DecodeReply() => JsonSerializer.Deserialize(_document, _documentType);

    private static void Bind<T>(CapturingBinder binder)
        where T : class, IRpcContract<T> => T.CreateClient(binder);

    private sealed class CapturingBinder(RpcJson json) : RpcClientBinder
    {
        public override RpcJson Json => json;

        public Dictionary<string, IArgumentWriter> Writers { get; } = [];

        public override RpcCaller<TArguments, TResult> Bind<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
        {
            Writers[method.Name] = new ArgumentWriter<TService, TArguments, TResult>(method);
            return null!;
        }

        public override RpcStreamCaller<TArguments, TItem> BindStream<TService, TArguments, TItem>(RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method) => null!;
    }

    private sealed class ArgumentWriter<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method) : IArgumentWriter
        where TService : class
        where TArguments : struct
    {
        public void Write(Utf8JsonWriter writer) => method.WriteArguments(writer, default);
    }
}
