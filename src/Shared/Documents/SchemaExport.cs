using System.Text.Json.Nodes;

namespace RpcGen.Documents;

/// <summary>Makes one JSON Schema document (2020-12) of a description: definitions of its types, and of the arguments, result and fault data of each method.</summary>
internal static class SchemaExport
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>Makes a document.</summary>
    /// <param name="service">The service.</param>
    /// <param name="methods">The methods whose arguments and results get definitions.</param>
    public static JsonObject Create(RpcServiceDescription service, IEnumerable<RpcMethodDescription> methods)
    {
        var definitions = new JsonObject();
        var keys = new DocumentKeys();
        var schemas = new DocumentSchemas(service, definitions, keys, "#/$defs/", "", isAsyncApi: false);
        foreach (RpcMethodDescription method in methods)
        {
            Add(method.Name + "Arguments", schemas.Copy(method.Arguments));
            Add(method.Name + "Result", schemas.Copy(method.Result));
            Add(method.Name + "Items", schemas.Copy(method.Items));
            foreach ((string code, System.Text.Json.JsonElement data) in method.Faults)
            {
                Add($"{method.Name}Fault.{code}", schemas.Copy(data));
            }
        }

        return new JsonObject { ["$schema"] = Dialect, ["title"] = service.Service.Queue, ["x-rpcgen-digest"] = service.Service.Digest, ["$defs"] = definitions };

        void Add(string name, JsonNode? schema)
        {
            if (schema is not null)
            {
                schemas.Add(keys.Take(name), schema);
            }
        }
    }
}
