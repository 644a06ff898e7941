using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RpcGen.Protocol;

/// <summary>A cached JSON writer for each thread. One is enough, because writing is synchronous.</summary>
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

    /// <summary>Takes this thread's writer. A converter that writes another message in the meantime gets a new one.</summary>
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

    /// <summary>Gives a writer back for the next use on this thread.</summary>
    public static void Return(Utf8JsonWriter writer)
    {
        writer.Reset();
        _cached = writer;
    }
}
