using System.Text.Json;
using RabbitMQ.Client;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>The two methods. Each has its own client on a shared pair of connections.</summary>
internal sealed class FloorCalls(FloorClient add, FloorClient echo, IConnection publishing, IConnection consuming) : IPeerClient
{
    private readonly FloorCallTable<int> _adds = add.MakeTable(ReadSum);
    private readonly FloorCallTable<Document> _echoes = echo.MakeTable(ReadDocument);

    public ValueTask<int> AddAsync(int a, int b)
    {
        FloorBody body = FloorBody.Rent();
        body.WriteAdd(a, b);
        return add.CallAsync(_adds, body);
    }

    public ValueTask<Document> EchoAsync(Document document)
    {
        FloorBody body = FloorBody.Rent();
        body.WriteDocument(document);
        return echo.CallAsync(_echoes, body);
    }

    public async ValueTask DisposeAsync()
    {
        await publishing.DisposeAsync();
        await consuming.DisposeAsync();
    }

    private static int ReadSum(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        return reader.TokenType == JsonTokenType.StartObject ? FloorBody.ReadAdd(body) : reader.GetInt32(); // one-way: the body is the request
    }

    private static Document ReadDocument(ReadOnlySpan<byte> body) => JsonSerializer.Deserialize(body, BenchmarkJson.Default.Document)!;
}
