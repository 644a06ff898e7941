using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Server.Introspection;

/// <summary>The description of a service without its instance: one JSON Schema document. All instances with the same digest share it.</summary>
internal sealed class DescriptionDocument
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    private readonly JsonObject _head;
    private readonly JsonObject _tail;

    /// <summary>Describes a contract.</summary>
    /// <param name="contract">The contract.</param>
    /// <param name="queue">The queue that is served.</param>
    /// <param name="methods">The contract's methods.</param>
    public DescriptionDocument(RpcContract contract, string queue, IEnumerable<RpcMethod> methods)
    {
        var facts = new ContractFacts(contract);
        var definitions = new SchemaDefinitions(facts);
        var described = new JsonArray([.. methods.Select(method => (JsonNode)new MethodDescriber(definitions, facts.OfMethod(method.Name)).Describe(method))]);
        _head = new JsonObject
        {
            ["$schema"] = Dialect,
            ["protocol"] = WireNames.ProtocolVersion,
            ["contract"] = contract.Name,
            ["version"] = contract.Version,
            ["queue"] = queue,
        };
        _tail = new JsonObject
        {
            ["summary"] = facts.Summary,
            ["deprecated"] = facts.Deprecation,
            ["$defs"] = definitions.Complete(),
            ["methods"] = described,
        };
        Digest = Hash();
    }

    /// <summary>A hash of the document.</summary>
    public string Digest { get; }

    /// <summary>Writes the document.</summary>
    /// <param name="writer">The writer.</param>
    /// <param name="writeInstance">Writes the members that belong to the instance.</param>
    public void Write(Utf8JsonWriter writer, Action<Utf8JsonWriter> writeInstance)
    {
        writer.WriteStartObject();
        WriteMembers(writer, _head);
        writer.WriteString("digest", Digest);
        writeInstance(writer);
        WriteMembers(writer, _tail);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, JsonObject members)
    {
        foreach ((string name, JsonNode? value) in members)
        {
            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }
    }

    private string Hash()
    {
        var text = new PooledBuffer();
        Utf8JsonWriter writer = JsonWriters.Rent(text);
        writer.WriteStartObject();
        WriteMembers(writer, _head);
        WriteMembers(writer, _tail);
        writer.WriteEndObject();
        writer.Flush();
        JsonWriters.Return(writer);
        string digest = "sha256-" + Base64Url.EncodeToString(SHA256.HashData(text.Written.Span));
        text.Release();
        return digest;
    }
}
