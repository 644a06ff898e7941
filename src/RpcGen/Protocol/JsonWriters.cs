using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RpcGen.Protocol;

/// <summary>A JSON writer per thread: writing is synchronous, so that one is enough.</summary>
internal static class JsonWriters
{
    private static readonly JsonWriterOptions Options = new()
    {
        MaxDepth = JsonLimits.MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // bodies are never put into HTML
        SkipValidation = true, // generated code and the serializer write well-formed JSON
    };

    [ThreadStatic]
    private static Utf8JsonWriter? _cached;

    /// <summary>Takes this thread's writer. A converter that writes a message of its own meanwhile gets a fresh one.</summary>
    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        Utf8JsonWriter? writer = _cached;
        if (writer is null)
        {
            return new Utf8JsonWriter(output, Options);
        }

        _cached = null;
        writer.Reset(output);
        return writer;
    }

    public static void Return(Utf8JsonWriter writer)
    {
        writer.Reset();
        _cached = writer;
    }
}
