using System.Text.Json.Nodes;

namespace RpcGen.Server.Introspection;

/// <summary>Says what the JSON types number and string hold. Readers whose numbers are too small for a value can then choose another type.</summary>
internal static class SchemaFormats
{
    private static readonly Dictionary<Type, string> Formats = new()
    {
        [typeof(sbyte)] = "int8",
        [typeof(byte)] = "uint8",
        [typeof(short)] = "int16",
        [typeof(ushort)] = "uint16",
        [typeof(int)] = "int32",
        [typeof(uint)] = "uint32",
        [typeof(long)] = "int64",
        [typeof(ulong)] = "uint64",
        [typeof(Int128)] = "int128",
        [typeof(UInt128)] = "uint128",
        [typeof(Half)] = "half",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(TimeSpan)] = "time-span",
    };

    /// <summary>The schema of an integer that is sent as text. Numbers are accepted too.</summary>
    public static JsonObject OfIntegerText(Type type, bool allowsNull)
    {
        var schema = new JsonObject
        {
            ["type"] = allowsNull ? new JsonArray("string", "integer", "null") : new JsonArray("string", "integer"),
            ["pattern"] = @"^-?(?:0|[1-9]\d*)$",
        };
        Add(schema, type);
        return schema;
    }

    /// <summary>Adds the format of a type.</summary>
    public static void Add(JsonObject schema, Type type)
    {
        if (Formats.TryGetValue(type, out string? format) && schema["type"] is not null)
        {
            schema["format"] = format;
        }
        else if (type == typeof(byte[]) || type == typeof(Memory<byte>) || type == typeof(ReadOnlyMemory<byte>))
        {
            schema["contentEncoding"] = "base64";
        }

        schema.Remove("$comment");
    }
}
