using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen.Server;

/// <summary>What arguments and results look like, as JSON Schema.</summary>
internal static class JsonSchemas
{
    private const string Reference = "$ref";

    /// <summary>The body of a request: an object with a property a parameter.</summary>
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

            Move(schema, "/properties/" + parameter.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
            properties.Add(parameter.Name, schema);
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

    public static JsonElement Of(JsonTypeInfo type) => ToElement(Export(type));

    private static JsonNode Export(JsonTypeInfo type)
    {
        try
        {
            return type.GetJsonSchemaAsNode();
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return new JsonObject(); // nothing is known of it: any value
        }
    }

    /// <summary>
    /// What is exported by itself may always be null. Where a type that contains itself is referred to, that stays: what is true of the
    /// parameter may not be so of its members.
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

    /// <summary>References, of types that contain themselves, are from the root on: they follow their schema to its new place.</summary>
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
