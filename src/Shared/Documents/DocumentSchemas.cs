using System.Text.Json;
using System.Text.Json.Nodes;

namespace RpcGen.Documents;

/// <summary>
/// Moves the schemas of a description into another document: each definition gets a key there, and references lead to it. Descriptions come from
/// any peer, so a reference that leads nowhere becomes a schema that accepts everything.
/// </summary>
internal sealed class DocumentSchemas
{
    private const string Definitions = "#/$defs/";

    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private readonly JsonObject _target;
    private readonly string _path;
    private readonly bool _isAsyncApi;

    /// <param name="description">The description.</param>
    /// <param name="target">Where definitions go.</param>
    /// <param name="keys">The keys of the target.</param>
    /// <param name="path">The path of the target, such as <c>#/components/schemas/</c>.</param>
    /// <param name="prefix">The start of each key.</param>
    /// <param name="isAsyncApi">Whether the schemas are those of AsyncAPI, in which a discriminator is the name of a member.</param>
    public DocumentSchemas(RpcServiceDescription description, JsonObject target, DocumentKeys keys, string path, string prefix, bool isAsyncApi)
    {
        _target = target;
        _path = path;
        _isAsyncApi = isAsyncApi;
        JsonElement definitions = ReadDefinitions(description);
        if (definitions.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty definition in definitions.EnumerateObject())
        {
            _keys[definition.Name] = keys.Take(prefix + definition.Name);
        }

        foreach (JsonProperty definition in definitions.EnumerateObject())
        {
            target[_keys[definition.Name]] = Copy(definition.Value);
        }
    }

    /// <summary>Adds a schema that has no definition in the description.</summary>
    /// <returns>A reference to it.</returns>
    public JsonObject Add(string key, JsonNode schema)
    {
        _target[key] = schema;
        return Reference(key);
    }

    /// <summary>A reference to a schema of the target.</summary>
    public JsonObject Reference(string key) => new() { ["$ref"] = _path + key };

    /// <summary>Copies a schema with its references changed. Null if it is missing.</summary>
    public JsonNode? Copy(JsonElement? schema) => schema switch
    {
        { ValueKind: JsonValueKind.Object } => CopyObject(schema.Value),
        { ValueKind: JsonValueKind.True } => JsonValue.Create(true),
        { ValueKind: JsonValueKind.False } => JsonValue.Create(false),
        _ => null,
    };

    private JsonObject CopyObject(JsonElement schema)
    {
        var copy = new JsonObject();
        foreach (JsonProperty member in schema.EnumerateObject())
        {
            if (member.Name == "$ref")
            {
                if (member.Value.ValueKind == JsonValueKind.String && KeyOf(member.Value.GetString()!) is { } key)
                {
                    copy["$ref"] = _path + key;
                }
            }
            else if (member.Name == "discriminator")
            {
                CopyDiscriminator(member.Value, copy);
            }
            else
            {
                copy[member.Name] = CopyMember(member.Name, member.Value);
            }
        }

        return copy;
    }

    /// <summary>Values are copied as they are: a default can look like a schema.</summary>
    private JsonNode? CopyMember(string name, JsonElement value) => name switch
    {
        "properties" or "patternProperties" or "$defs" when value.ValueKind == JsonValueKind.Object => CopyProperties(value),
        "oneOf" or "anyOf" or "allOf" or "prefixItems" when value.ValueKind == JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(schema => Copy(schema))]),
        "items" or "additionalProperties" or "not" => Copy(value),
        _ => JsonNode.Parse(value.GetRawText()),
    };

    private JsonObject CopyProperties(JsonElement properties)
    {
        var copy = new JsonObject();
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            copy[property.Name] = Copy(property.Value);
        }

        return copy;
    }

    /// <summary>AsyncAPI knows only the member's name, so the definitions that belong to its values are in an extension.</summary>
    private void CopyDiscriminator(JsonElement discriminator, JsonObject copy)
    {
        if (discriminator.ValueKind != JsonValueKind.Object || !discriminator.TryGetProperty("propertyName", out JsonElement name) || name.ValueKind != JsonValueKind.String)
        {
            return;
        }

        var mapping = new JsonObject();
        foreach (JsonProperty value in discriminator.TryGetProperty("mapping", out JsonElement known) && known.ValueKind == JsonValueKind.Object ? known.EnumerateObject() : default)
        {
            if (value.Value.ValueKind == JsonValueKind.String && KeyOf(value.Value.GetString()!) is { } key)
            {
                mapping[value.Name] = _path + key;
            }
        }

        if (_isAsyncApi)
        {
            copy["discriminator"] = name.GetString();
            copy["x-discriminator-mapping"] = mapping;
        }
        else
        {
            copy["discriminator"] = new JsonObject { ["propertyName"] = name.GetString(), ["mapping"] = mapping };
        }
    }

    private string? KeyOf(string reference) => reference.StartsWith(Definitions, StringComparison.Ordinal)
        ? _keys.GetValueOrDefault(reference[Definitions.Length..].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
        : null;

    private static JsonElement ReadDefinitions(RpcServiceDescription description)
    {
        if (description.Utf8Json.IsEmpty)
        {
            return default;
        }

        JsonElement root = JsonElement.Parse(description.Utf8Json.Span);
        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$defs", out JsonElement definitions) ? definitions : default;
    }
}
