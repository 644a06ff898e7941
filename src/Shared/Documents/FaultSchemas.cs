using System.Text.Json;
using System.Text.Json.Nodes;

namespace RpcGen.Documents;

/// <summary>Schemas of faults: problem details (RFC 9457), whose <c>data</c> depends on the code.</summary>
internal static class FaultSchemas
{
    private const string Urn = "urn:rpcgen:fault:";

    /// <summary>The schema of every fault.</summary>
    public static JsonObject Problem() => new()
    {
        ["type"] = "object",
        ["description"] = "Problem details (RFC 9457).",
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = "string", ["description"] = $"The code, after '{Urn}'." },
            ["title"] = new JsonObject { ["type"] = "string" },
            ["detail"] = new JsonObject { ["type"] = "string" },
            ["errors"] = new JsonObject
            {
                ["type"] = "object",
                ["description"] = "Violations by the path of the value.",
                ["additionalProperties"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            },
        },
        ["required"] = new JsonArray("type"),
    };

    /// <summary>The schema of the faults of one method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="problem">A reference to the schema of every fault.</param>
    /// <param name="schemas">Where schemas of data refer to.</param>
    public static JsonObject Of(RpcMethodDescription method, JsonObject problem, DocumentSchemas schemas)
    {
        if (method.Faults.Count == 0)
        {
            return problem;
        }

        var choices = new JsonArray();
        foreach ((string code, JsonElement data) in method.Faults)
        {
            var properties = new JsonObject { ["type"] = new JsonObject { ["const"] = Urn + code } };
            if (schemas.Copy(data) is { } schema)
            {
                properties["data"] = schema;
            }

            choices.Add((JsonNode)new JsonObject
            {
                ["title"] = code,
                ["allOf"] = new JsonArray(problem.DeepClone(), new JsonObject { ["properties"] = properties, ["required"] = Names(properties) }),
            });
        }

        var declared = new JsonArray([.. method.Faults.Keys.Select(code => (JsonNode)(Urn + code))]);
        choices.Add((JsonNode)new JsonObject
        {
            ["title"] = "Any other fault",
            ["allOf"] = new JsonArray(problem.DeepClone(), new JsonObject { ["properties"] = new JsonObject { ["type"] = new JsonObject { ["not"] = new JsonObject { ["enum"] = declared } } } }),
        });
        return new JsonObject { ["oneOf"] = choices };
    }

    private static JsonArray Names(JsonObject properties) => new([.. properties.Select(property => (JsonNode)property.Key)]);
}
