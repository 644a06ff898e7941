using System.Text.Json.Nodes;
using RpcGen.Generated;

namespace RpcGen.Server.Introspection;

/// <summary>The facts that the generator wrote for a contract: texts, rules, null elements, names of enums. Absent ones are null.</summary>
internal sealed class ContractFacts
{
    private readonly JsonObject _facts;

    public ContractFacts(RpcContract contract) => _facts = contract.Facts?.Invoke() is { } text ? JsonNode.Parse(text)!.AsObject() : [];

    /// <summary>The contract's text.</summary>
    public string? Summary => (string?)_facts["summary"];

    /// <summary>Why the contract is obsolete.</summary>
    public string? Deprecation => (string?)_facts["deprecated"];

    /// <summary>The facts about a method.</summary>
    public JsonObject? OfMethod(string name) => Child(Child(_facts, "methods"), name);

    /// <summary>The facts about a type.</summary>
    public JsonObject? OfType(Type type) => Child(Child(_facts, "types"), TypeKeys.Of(type));

    /// <summary>An object in an object; null if it is missing.</summary>
    public static JsonObject? Child(JsonObject? facts, string name) => facts?[name] as JsonObject;
}
