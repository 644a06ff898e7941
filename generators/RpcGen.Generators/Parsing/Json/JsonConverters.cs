using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>Recognizes types and members with a converter, whose JSON is not known.</summary>
internal static class JsonConverters
{
    public static bool HasConverter(ISymbol symbol) =>
        symbol.GetAttributes().Any(attribute => KnownTypes.IsOrDerives(attribute.AttributeClass, "System.Text.Json.Serialization", "JsonConverterAttribute"));
}
