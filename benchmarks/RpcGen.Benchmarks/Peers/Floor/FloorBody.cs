using System.Buffers;
using System.Text.Json;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>A buffer and a JSON writer per thread. Publishing copies the body before its first await.</summary>
internal sealed class FloorBody
{
    [ThreadStatic]
    private static FloorBody? _ofThread;

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _writer;

    private FloorBody() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public static FloorBody Rent()
    {
        FloorBody body = _ofThread ??= new FloorBody();
        body._buffer.ResetWrittenCount();
        body._writer.Reset();
        return body;
    }

    public static int ReadAdd(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        int sum = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                sum += reader.GetInt32();
            }
        }

        return sum;
    }

    public void WriteAdd(int a, int b)
    {
        _writer.WriteStartObject();
        _writer.WriteNumber("a"u8, a);
        _writer.WriteNumber("b"u8, b);
        _writer.WriteEndObject();
        _writer.Flush();
    }

    public void WriteSum(int sum)
    {
        _writer.WriteNumberValue(sum);
        _writer.Flush();
    }

    public void WriteDocument(Document document)
    {
        JsonSerializer.Serialize(_writer, document, BenchmarkJson.Default.Document);
        _writer.Flush();
    }
}
