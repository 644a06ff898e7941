using System.Text.Json.Nodes;

namespace RpcGen.Server.Introspection;

/// <summary>Describes enums, which are numbers on the wire, by the names of their values.</summary>
internal static class EnumSchemas
{
    /// <summary>Completes the schema of an enum. One that a converter writes as text has its names already.</summary>
    public static JsonObject Define(JsonObject schema, JsonObject? facts)
    {
        if (facts is null)
        {
            return schema;
        }

        bool isNumber = (schema["type"] as JsonValue)?.GetValue<string>() == "integer";
        if (isNumber && facts["names"] is JsonArray names && facts["values"] is JsonArray values)
        {
            if ((bool?)facts["flags"] == true)
            {
                schema["x-enum-flags"] = Pair(names, values); // any combination is a value
            }
            else
            {
                schema["enum"] = values.DeepClone();
                schema["x-enum-varnames"] = names.DeepClone();
            }
        }

        foreach (string keyword in new[] { "description", "deprecated", "x-deprecated" })
        {
            if (facts[keyword] is { } value)
            {
                schema[keyword] = value.DeepClone();
            }
        }

        return schema;
    }

    private static JsonObject Pair(JsonArray names, JsonArray values)
    {
        var pairs = new JsonObject();
        foreach ((JsonNode? name, JsonNode? value) in names.Zip(values))
        {
            pairs[(string)name!] = value!.DeepClone();
        }

        return pairs;
    }
}
