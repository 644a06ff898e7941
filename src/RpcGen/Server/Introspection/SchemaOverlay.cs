using System.Text.Json.Nodes;

namespace RpcGen.Server.Introspection;

/// <summary>Merges facts, which are partial schemas, into the schema of a value.</summary>
internal static class SchemaOverlay
{
    private const string Nullable = "nullable";

    /// <summary>The keywords whose values are schemas, which are merged in turn.</summary>
    private static readonly string[] Inner = ["items", "additionalProperties"];

    /// <summary>Merges the facts about a value.</summary>
    /// <returns>The schema, or one that wraps it.</returns>
    public static JsonObject Apply(JsonObject schema, JsonObject? facts)
    {
        if (facts is null)
        {
            return schema;
        }

        foreach ((string keyword, JsonNode? value) in facts)
        {
            if (Inner.Contains(keyword))
            {
                ApplyTo(schema, keyword, (JsonObject)value!);
            }
            else if (keyword == "properties")
            {
                foreach ((string name, JsonNode? member) in (JsonObject)value!)
                {
                    ApplyTo(schema["properties"] as JsonObject, name, (JsonObject)member!);
                }
            }
        }

        JsonObject nullable = (bool?)facts[Nullable] switch
        {
            true => AllowNull(schema),
            false => RefuseNull(schema),
            null => schema,
        };
        AddKeywords(nullable, facts);
        return nullable;
    }

    /// <summary>A schema that also accepts null.</summary>
    public static JsonObject AllowNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
            return schema;
        }

        bool isFree = schema["type"] is null && schema["$ref"] is null && schema["anyOf"] is null && schema["oneOf"] is null;
        return isFree || schema["type"] is not null || IsNullable(schema) ? schema : new JsonObject { ["anyOf"] = new JsonArray(schema, NullSchema()) };
    }

    /// <summary>A schema that does not accept null.</summary>
    public static JsonObject RefuseNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types)
        {
            RemoveNull(types);
            if (types is [{ } only])
            {
                schema["type"] = only.DeepClone();
            }
        }
        else if (schema["anyOf"] is JsonArray { Count: 2 } choices && IsNullable(schema))
        {
            var value = (JsonObject)choices[0]!;
            choices.RemoveAt(0);
            return value;
        }

        if (schema["enum"] is JsonArray values)
        {
            RemoveNull(values, static value => value is null);
        }

        return schema;
    }

    /// <summary>Whether the schema is a choice between another one and null.</summary>
    private static bool IsNullable(JsonObject schema) =>
        schema["anyOf"] is JsonArray choices && choices.Any(choice => choice is JsonObject { Count: 1 } only && only["type"] is JsonValue type && (string?)type == "null");

    private static JsonObject NullSchema() => new() { ["type"] = "null" };

    private static void ApplyTo(JsonObject? parent, string name, JsonObject facts)
    {
        if (parent?[name] is JsonObject schema)
        {
            parent.Remove(name, out _);
            parent[name] = Apply(schema, facts);
        }
    }

    private static void AddKeywords(JsonObject schema, JsonObject facts)
    {
        foreach ((string keyword, JsonNode? value) in facts)
        {
            if (keyword is not (Nullable or "properties" or "items" or "additionalProperties"))
            {
                schema[keyword] = value?.DeepClone();
            }
        }
    }

    private static void RemoveNull(JsonArray values) => RemoveNull(values, static value => value is JsonValue text && text.TryGetValue(out string? name) && name == "null");

    private static void RemoveNull(JsonArray values, Func<JsonNode?, bool> isNull)
    {
        for (int i = values.Count - 1; i >= 0; i--)
        {
            if (isNull(values[i]))
            {
                values.RemoveAt(i);
            }
        }
    }
}
