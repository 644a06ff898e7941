using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen.Server.Introspection;

/// <summary>Describes arguments and results as JSON Schema.</summary>
internal static class JsonSchemas
{
    private const string Reference = "$ref";

    /// <summary>The schema of a request body: an object with one property for each parameter. Streams are marked, because the body does not contain them.</summary>
    public static JsonElement OfArguments(IReadOnlyList<RpcProperty> parameters)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (RpcProperty parameter in parameters)
        {
            JsonNode schema = Export(parameter.TypeInfo);
            if (parameter.RefusesNull)
            {
                RemoveNull(schema);
            }

            string place = "/properties/" + parameter.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
            Move(schema, parameter.IsStream ? place + "/items" : place);
            properties.Add(parameter.Name, parameter.IsStream ? new JsonObject { ["type"] = "array", ["items"] = schema, ["stream"] = true } : schema);
            if (parameter.IsRequired)
            {
                required.Add((JsonNode)parameter.Name);
            }
        }

        var arguments = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            arguments["required"] = required;
        }

        return ToElement(arguments);
    }

    /// <summary>The schema of a type.</summary>
    public static JsonElement Of(JsonTypeInfo type) => ToElement(Export(type));

    private static JsonNode Export(JsonTypeInfo type)
    {
        try
        {
            return type.GetJsonSchemaAsNode();
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return new JsonObject(); // no schema can be derived: any value
        }
    }

    /// <summary>
    /// Removes <c>null</c> from the types of a parameter that refuses it; the exporter allows it for every root type. Schemas
    /// that refer to their root keep it, because their members share that schema and can be null.
    /// </summary>
    private static void RemoveNull(JsonNode schema)
    {
        if (schema is JsonObject node && node["type"] is JsonArray types && types.FirstOrDefault(type => (string?)type == "null") is { } none && !RefersToRoot(node))
        {
            types.Remove(none);
            if (types is [{ } only])
            {
                node["type"] = only.DeepClone();
            }
        }
    }

    private static bool RefersToRoot(JsonNode? schema) => schema switch
    {
        JsonObject node => node.Any(member => member.Key == Reference ? (string?)member.Value == "#" : RefersToRoot(member.Value)),
        JsonArray array => array.Any(RefersToRoot),
        _ => false,
    };

    /// <summary>Rewrites references, which a type that contains itself has: they start at the root, so they change when the schema moves to <paramref name="place"/>.</summary>
    private static void Move(JsonNode? schema, string place)
    {
        if (schema is JsonArray array)
        {
            foreach (JsonNode? element in array)
            {
                Move(element, place);
            }
        }

        if (schema is not JsonObject node)
        {
            return;
        }

        if (node[Reference] is JsonValue value && value.TryGetValue(out string? target) && target.StartsWith('#'))
        {
            node[Reference] = $"#{place}{target[1..]}";
        }

        foreach ((_, JsonNode? member) in node)
        {
            Move(member, place);
        }
    }

    private static JsonElement ToElement(JsonNode node)
    {
        using JsonDocument document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }
}
