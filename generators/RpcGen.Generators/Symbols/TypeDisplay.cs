using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Spells the names of types and namespaces.</summary>
internal static class TypeDisplay
{
    private const string Dynamic = "dynamic";

    /// <summary>The format of generated code: fully qualified, keywords escaped, nullable annotations kept.</summary>
    public static SymbolDisplayFormat Format { get; } = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes |
        SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers |
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The type's name in diagnostic messages.</summary>
    public static string ShortName(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    /// <summary>The type's name in generated code. It says object for dynamic, whose uses would be bound by reflection.</summary>
    public static string FullName(ITypeSymbol type)
    {
        string name = type.ToDisplayString(Format);
        return !name.Contains(Dynamic) ? name
            : string.Concat(type.ToDisplayParts(Format).Select(part => part.Kind == SymbolDisplayPartKind.Keyword && part.ToString() == Dynamic ? "object" : part.ToString()));
    }

    /// <summary>The namespace as generated code declares it, with keywords escaped.</summary>
    public static string NamespaceInCode(INamespaceSymbol symbol) =>
        symbol.ToDisplayString(Format.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted));

    /// <summary>The namespace's plain name, with dots and nothing escaped.</summary>
    public static string Namespace(INamespaceSymbol symbol) => symbol.ToDisplayString(
        SymbolDisplayFormat.FullyQualifiedFormat
            .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
            .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.None));
}
