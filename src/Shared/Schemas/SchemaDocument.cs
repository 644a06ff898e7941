using System.Text.Json;

namespace RpcGen.Schemas;

/// <summary>The description of a service as a JSON Schema document, whose references start at its root.</summary>
internal sealed class SchemaDocument(ReadOnlyMemory<byte> json)
{
    private const int MaxHops = 16;

    private readonly JsonElement _root = JsonElement.Parse(json.Span);

    /// <summary>Follows the references of a schema. A reference that leads nowhere accepts any value.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        for (int hops = 0; hops < MaxHops && NameOf(schema) is { } name; hops++)
        {
            if (!_root.TryGetProperty("$defs", out JsonElement definitions) || !definitions.TryGetProperty(name, out schema))
            {
                return default;
            }
        }

        return schema;
    }

    /// <summary>The name of the definition that a schema refers to; null if it is not a reference.</summary>
    public static string? NameOf(JsonElement schema) =>
        Member(schema, "$ref") is { ValueKind: JsonValueKind.String } reference && reference.GetString()!.StartsWith("#/$defs/", StringComparison.Ordinal)
            ? reference.GetString()!["#/$defs/".Length..].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
            : null;

    /// <summary>A member of a schema; null if it is missing.</summary>
    public static JsonElement? Member(JsonElement schema, string name) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out JsonElement member) ? member : null;

    /// <summary>The type names of a schema, without null.</summary>
    public static string[] TypesOf(JsonElement schema) => Member(schema, "type") switch
    {
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } several => [.. several.EnumerateArray().Select(type => type.GetString()!)],
        _ => [],
    };

    /// <summary>The schema of a value that is not null, and whether null is allowed too.</summary>
    public (JsonElement Schema, bool AllowsNull) WithoutNull(JsonElement schema)
    {
        if (Member(schema, "anyOf") is { ValueKind: JsonValueKind.Array } choices)
        {
            JsonElement[] values = [.. choices.EnumerateArray().Where(choice => !TypesOf(choice).SequenceEqual(["null"]))];
            if (values.Length == 1 && values.Length < choices.GetArrayLength())
            {
                return (values[0], true);
            }
        }

        return (schema, TypesOf(Resolve(schema)).Contains("null"));
    }
}
