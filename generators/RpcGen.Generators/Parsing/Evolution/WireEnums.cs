using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>How enums are sent: as numbers, or as text by the names of their values.</summary>
internal static class WireEnums
{
    private const string Json = "System.Text.Json.Serialization";

    /// <summary>Whether a <c>[JsonConverter]</c> of the type or member names the framework's converter to text, so that the names are known.</summary>
    public static bool IsText(ISymbol symbol) =>
        AttributeLookup.Argument<INamedTypeSymbol>(AttributeLookup.Find(symbol, Json, "JsonConverterAttribute")) is { } converter &&
        (KnownTypes.Is(converter, Json, "JsonStringEnumConverter") || KnownTypes.Is(converter, Json, "JsonStringEnumConverter`1"));

    /// <summary>The values of an enum, each with the path and the value of its line.</summary>
    public static IEnumerable<(IFieldSymbol Field, string Path, string Value)> Values(INamedTypeSymbol type, bool asText) =>
        from field in type.GetMembers().OfType<IFieldSymbol>()
        where field.HasConstantValue
        let text = AttributeLookup.Argument<string>(AttributeLookup.Find(field, Json, "JsonStringEnumMemberNameAttribute")) ?? field.Name
        select asText
            ? (field, $"{WireTypeFacts.Name(type)}/\"{text}\"", "text")
            : (field, $"{WireTypeFacts.Name(type)}/{field.Name}", Text.JsonText.Constant(field.ConstantValue)!);
}
