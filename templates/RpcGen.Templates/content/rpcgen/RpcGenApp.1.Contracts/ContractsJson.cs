using System.Text.Json.Serialization;

namespace RpcGenApp._1.Contracts;

/// <summary>How the contract's types are written and read without reflection. The compiler asks for a line here if a type is missing.</summary>
[JsonSerializable(typeof(Greeting))]
internal sealed partial class ContractsJson : JsonSerializerContext;
