using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>Says in words which JSON a type has, and which JSON was found. CLR types are not named: they are nobody else's business.</summary>
internal static class JsonKinds
{
    /// <summary>What the type expects.</summary>
    public static string Expected(JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
        JsonTypeInfoKind.Enumerable => "an array",
        _ => ExpectedScalar(type.Type),
    };

    /// <summary>What was found.</summary>
    public static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        _ => "null",
    };

    /// <summary>Whether the value has the kind that the type expects, so that only its content is wrong.</summary>
    public static bool Agree(JsonTypeInfo type, JsonElement value) => type.Kind switch
    {
        JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => value.ValueKind == JsonValueKind.Object,
        JsonTypeInfoKind.Enumerable => value.ValueKind == JsonValueKind.Array,
        _ => false,
    };

    /// <summary>Whether the type is a number unless the contract says otherwise.</summary>
    public static bool IsNumber(Type type) =>
        type.IsEnum || Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Decimal || type == typeof(Int128) || type == typeof(UInt128) || type == typeof(Half);

    private static string ExpectedScalar(Type type)
    {
        if (type.IsEnum)
        {
            return "a number, or a name if the contract says so";
        }

        return Type.GetTypeCode(type) switch
        {
            TypeCode.Byte => Integer(byte.MinValue, byte.MaxValue),
            TypeCode.SByte => Integer(sbyte.MinValue, sbyte.MaxValue),
            TypeCode.Int16 => Integer(short.MinValue, short.MaxValue),
            TypeCode.UInt16 => Integer(ushort.MinValue, ushort.MaxValue),
            TypeCode.Int32 => Integer(int.MinValue, int.MaxValue),
            TypeCode.UInt32 => Integer(uint.MinValue, uint.MaxValue),
            TypeCode.Int64 => Integer(long.MinValue, long.MaxValue),
            TypeCode.UInt64 => Integer(ulong.MinValue, ulong.MaxValue),
            TypeCode.Single or TypeCode.Double or TypeCode.Decimal => "a number",
            TypeCode.Boolean => "true or false",
            TypeCode.Char => "a text of one character",
            TypeCode.String => "a text",
            TypeCode.DateTime => "a date with a time, such as 2026-01-31T12:00:00Z",
            _ => Others.GetValueOrDefault(type, "another form"),
        };
    }

    private static string Integer<T>(T min, T max) => string.Create(CultureInfo.InvariantCulture, $"an integer from {min} to {max}");

    private static readonly Dictionary<Type, string> Others = new()
    {
        [typeof(Int128)] = "an integer of 128 bits",
        [typeof(UInt128)] = "an integer of 128 bits that is not negative",
        [typeof(Half)] = "a number",
        [typeof(Guid)] = "a UUID, such as 00000000-0000-0000-0000-000000000000",
        [typeof(DateTimeOffset)] = "a date with a time, such as 2026-01-31T12:00:00Z",
        [typeof(DateOnly)] = "a date, such as 2026-01-31",
        [typeof(TimeOnly)] = "a time of day, such as 12:00:00",
        [typeof(TimeSpan)] = "a duration, such as 00:00:30",
        [typeof(Uri)] = "a URI",
        [typeof(Version)] = "a version, such as 1.2.3",
        [typeof(byte[])] = "a text in Base64",
        [typeof(Memory<byte>)] = "a text in Base64",
        [typeof(ReadOnlyMemory<byte>)] = "a text in Base64",
    };
}
