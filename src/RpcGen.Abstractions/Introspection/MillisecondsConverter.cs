using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen;

/// <summary>Writes a time limit as whole milliseconds, and no limit as null.</summary>
internal sealed class MillisecondsConverter : JsonConverter<TimeSpan?>
{
    public override TimeSpan? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null : TimeSpan.FromMilliseconds(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, TimeSpan? value, JsonSerializerOptions options)
    {
        if (value is { } limit)
        {
            writer.WriteNumberValue((long)limit.TotalMilliseconds);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
