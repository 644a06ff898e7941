using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen.Generated;

/// <summary>Writes integers as text, because JavaScript rounds large numbers. Reads both forms.</summary>
internal sealed class IntegerTextConverter<T> : JsonConverter<T>
    where T : struct, IBinaryInteger<T>
{
    /// <summary>The digits and the sign of the largest integer of 128 bits.</summary>
    private const int MaxLength = 40;

    /// <summary>The most bytes of a digit: an escape such as <c>\u0031</c>.</summary>
    private const int MaxBytesOfDigit = 6;

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType is JsonTokenType.Number or JsonTokenType.String
        ? Parse(ref reader)
        : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        writer.WriteStringValue(Format(value, text));
    }

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(ref reader);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        writer.WritePropertyName(Format(value, text));
    }

    private static ReadOnlySpan<byte> Format(T value, Span<byte> text)
    {
        bool fits = value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        System.Diagnostics.Debug.Assert(fits, "MaxLength holds every integer.");
        return text[..length];
    }

    private static T Parse(ref Utf8JsonReader reader)
    {
        long length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > MaxLength * MaxBytesOfDigit)
        {
            throw new JsonException();
        }

        Span<byte> copy = stackalloc byte[MaxLength * MaxBytesOfDigit];
        scoped ReadOnlySpan<byte> text;
        if (reader.TokenType == JsonTokenType.Number)
        {
            text = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        }
        else
        {
            text = copy[..reader.CopyString(copy)];
        }

        return T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T value) ? value : throw new JsonException();
    }
}
