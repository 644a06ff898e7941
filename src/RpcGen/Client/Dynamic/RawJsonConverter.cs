using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using RpcGen.Client.Calls;

namespace RpcGen.Client.Dynamic;

/// <summary>Passes JSON through as it is: the caller knows no type.</summary>
internal sealed class RawJsonConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <summary>Copies the value, because messages are in buffers that are used again.</summary>
    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return JsonMarshal.GetRawUtf8Value(value.RootElement).ToArray();
    }

    /// <exception cref="JsonException">The bytes are not one JSON value.</exception>
    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options)
    {
        RawResult.ThrowIfNoJson(value.Span);
        writer.WriteRawValue(value.Span, skipInputValidation: true);
    }
}
