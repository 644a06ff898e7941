using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Schemas;

namespace RpcGen.Cli.Schemas;

/// <summary>Makes an example of a body, to be filled in.</summary>
internal sealed class Skeleton
{
    private const int MaxDepth = 8;

    /// <summary>Types that refer to themselves several times would make an endless example.</summary>
    private const int MaxValues = 2_000;

    private int _values;

    /// <summary>An example of a value.</summary>
    public static JsonNode? Of(JsonElement schema, SchemaDocument document) => new Skeleton().Of(schema, document, 0);

    private JsonNode? Of(JsonElement schema, SchemaDocument document, int depth)
    {
        if (SchemaDocument.Member(schema, "default") is { } known)
        {
            return JsonNode.Parse(known.GetRawText());
        }

        (JsonElement value, bool allowsNull) = document.WithoutNull(schema);
        value = document.Resolve(value);
        if (depth > MaxDepth || ++_values > MaxValues)
        {
            return null;
        }

        if (SchemaDocument.Member(value, "enum") is { ValueKind: JsonValueKind.Array } values && values.GetArrayLength() > 0)
        {
            return JsonNode.Parse(values[0].GetRawText());
        }

        if (SchemaDocument.Member(value, "const") is { } constant)
        {
            return JsonNode.Parse(constant.GetRawText());
        }

        if (SchemaDocument.Member(value, "oneOf") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0)
        {
            return Of(choices[0], document, depth + 1);
        }

        return SchemaDocument.TypesOf(value).FirstOrDefault(type => type != "null") switch
        {
            "object" when allowsNull && depth > 1 => null,
            "object" => OfObject(value, document, depth),
            "array" => SchemaDocument.Member(value, "items") is { } items && Of(items, document, depth + 1) is { } element ? new JsonArray(element) : new JsonArray(),
            "string" => allowsNull ? null : JsonValue.Create(""),
            "integer" or "number" => JsonNode.Parse(SchemaDocument.Member(value, "minimum")?.GetRawText() ?? SchemaDocument.Member(schema, "minimum")?.GetRawText() ?? "0"),
            "boolean" => JsonValue.Create(false),
            _ => null,
        };
    }

    private JsonObject OfObject(JsonElement schema, SchemaDocument document, int depth)
    {
        var example = new JsonObject();
        JsonElement properties = SchemaDocument.Member(schema, "properties") ?? default;
        foreach (JsonProperty property in properties.ValueKind == JsonValueKind.Object ? properties.EnumerateObject() : default)
        {
            if (!MethodStreams.IsUpload(property.Value) && !MethodStreams.IsProgress(property.Value)) // the body does not contain them
            {
                example[property.Name] = Of(property.Value, document, depth + 1);
            }
        }

        return example;
    }
}
