using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>The framework types for which RpcGen has JSON metadata. A test compares them with <c>FrameworkJsonContext</c> in the runtime.</summary>
internal static class FrameworkJson
{
    /// <summary>The types' names, as the attributes of that context write them.</summary>
    public static IReadOnlyCollection<string> Names { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "bool", "bool?", "byte", "byte?", "sbyte", "sbyte?", "short", "short?", "ushort", "ushort?", "int", "int?", "uint", "uint?",
        "long", "long?", "ulong", "ulong?", "Int128", "Int128?", "UInt128", "UInt128?", "Half", "Half?", "float", "float?",
        "double", "double?", "decimal", "decimal?", "char", "char?", "string", "Guid", "Guid?", "DateTime", "DateTime?",
        "DateTimeOffset", "DateTimeOffset?", "DateOnly", "DateOnly?", "TimeOnly", "TimeOnly?", "TimeSpan", "TimeSpan?",
        "Uri", "Version", "object", "JsonElement", "JsonElement?", "JsonDocument", "JsonNode", "JsonObject", "JsonArray",
        "byte[]", "Memory<byte>", "ReadOnlyMemory<byte>", "bool[]", "int[]", "long[]", "double[]", "decimal[]", "string[]", "Guid[]",
        "List<int>", "List<long>", "List<double>", "List<string>", "List<Guid>", "IReadOnlyList<int>", "IReadOnlyList<string>",
        "IEnumerable<int>", "IEnumerable<string>", "Dictionary<string, string>", "Dictionary<string, int>",
        "IReadOnlyDictionary<string, string>",
    };

    private static readonly SymbolDisplayFormat Format = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameOnly,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    /// <summary>Whether RpcGen has metadata for the type.</summary>
    public static bool Covers(ITypeSymbol type) => type.TypeKind == TypeKind.Dynamic || (IsOfFramework(type) && Names.Contains(type.ToDisplayString(Format)));

    private static bool IsOfFramework(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => IsOfFramework(array.ElementType),
        INamedTypeSymbol named => named.ContainingNamespace is { IsGlobalNamespace: false } space &&
            (TypeDisplay.Namespace(space) + ".").StartsWith("System.", StringComparison.Ordinal) &&
            named.TypeArguments.All(IsOfFramework),
        _ => false,
    };
}
