using System.Text.Json.Nodes;

namespace RpcGen.Server.Introspection;

/// <summary>Describes one method.</summary>
internal sealed class MethodDescriber(SchemaDefinitions definitions, JsonObject? facts)
{
    public JsonObject Describe(RpcMethod method)
    {
        var described = new JsonObject
        {
            ["name"] = method.Name,
            ["summary"] = facts?["summary"]?.DeepClone(),
            ["deprecated"] = facts?["deprecated"]?.DeepClone(),
            ["timeout"] = method.Timeout == Timeout.InfiniteTimeSpan ? null : (long)method.Timeout.TotalMilliseconds,
            ["cancellable"] = method.IsCancellable,
            ["oneWay"] = method.IsOneWay,
            ["broadcast"] = method.IsBroadcast,
            ["idempotent"] = method.IsIdempotent,
            ["atMostOnce"] = method.IsAtMostOnce,
            ["durable"] = method.IsDurable,
            ["priority"] = method.Priority,
            ["policies"] = Texts(method.Policies),
            ["faults"] = Texts(method.Faults.Select(fault => fault.Code)),
            ["faultData"] = Faults(method),
            ["arguments"] = Arguments(method.Parameters),
        };
        if (method.IsLongRunning)
        {
            described["longRunning"] = true;
        }

        JsonObject? result = ContractFacts.Child(facts, "result");
        described["result"] = method.ResultTypeInfo is { } type ? definitions.Describe(type, result) : null;
        if (method.ItemTypeInfo is { } item)
        {
            described["items"] = method.ReturnsBytes ? Bytes() : definitions.Describe(item, result);
        }

        return described;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    /// <summary>The schema of a request body: an object with one property for each parameter. Streams and progress are marked, because the body does not contain them.</summary>
    private JsonObject Arguments(IReadOnlyList<RpcProperty> parameters)
    {
        JsonObject? all = ContractFacts.Child(facts, "arguments");
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (RpcProperty parameter in parameters)
        {
            if (!parameter.IsInBody)
            {
                if (parameter.StreamItems is { IsRaw: true })
                {
                    JsonObject bytes = Bytes();
                    bytes["stream"] = true;
                    properties.Add(parameter.Name, bytes);
                    continue;
                }

                string mark = parameter.IsProgress ? "progress" : "stream";
                properties.Add(parameter.Name, new JsonObject { ["type"] = "array", ["items"] = definitions.Describe(parameter.TypeInfo, facts: null), [mark] = true });
                continue;
            }

            JsonObject schema = definitions.Describe(parameter.TypeInfo, ContractFacts.Child(all, parameter.Name));
            if (!parameter.RefusesNull && !parameter.TypeInfo.Type.IsValueType)
            {
                schema = SchemaOverlay.AllowNull(schema);
            }

            if (parameter.IsRequired)
            {
                required.Add((JsonNode)parameter.Name);
            }
            else
            {
                schema["default"] = parameter.GetDefault();
            }

            properties.Add(parameter.Name, schema);
        }

        return Object(properties, required);
    }

    /// <summary>The schemas of <c>data</c> in the problems of declared faults, by code.</summary>
    private JsonObject Faults(RpcMethod method)
    {
        var data = new JsonObject();
        foreach (RpcFault fault in method.Faults)
        {
            JsonObject? known = ContractFacts.Child(ContractFacts.Child(facts, "faults"), fault.Code);
            var properties = new JsonObject();
            var required = new JsonArray();
            foreach (RpcProperty member in fault.Members)
            {
                properties.Add(member.Name, definitions.Describe(member.TypeInfo, ContractFacts.Child(ContractFacts.Child(known, "properties"), member.Name)));
                required.Add((JsonNode)member.Name);
            }

            JsonObject schema = Object(properties, required);
            if (known?["description"] is { } text)
            {
                schema["description"] = text.DeepClone();
            }

            data[fault.Code] = schema;
        }

        return data;
    }

    /// <summary>The schema of a stream of bytes, as OpenAPI has it.</summary>
    private static JsonObject Bytes() => new() { ["type"] = "string", ["format"] = "binary" };

    private static JsonObject Object(JsonObject properties, JsonArray required)
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }
}
