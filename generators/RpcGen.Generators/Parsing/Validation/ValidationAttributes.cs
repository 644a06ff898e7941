using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Recognizes validation attributes.</summary>
internal static class ValidationAttributes
{
    public const string Namespace = "System.ComponentModel.DataAnnotations";

    private const string Suffix = "Attribute";

    public static bool IsValidation(ITypeSymbol? attribute) => KnownTypes.IsOrDerives(attribute, Namespace, "ValidationAttribute");

    /// <summary>The metadata name of an attribute of the framework; null for an attribute of the application.</summary>
    public static string? FrameworkName(INamedTypeSymbol attribute) =>
        KnownTypes.Is(attribute, Namespace, attribute.MetadataName) ? attribute.MetadataName : null;

    /// <summary>The attribute's name as it is written in brackets.</summary>
    public static string ShortName(INamedTypeSymbol attribute) =>
        attribute.Name.EndsWith(Suffix, StringComparison.Ordinal) && attribute.Name.Length > Suffix.Length
            ? attribute.Name.Substring(0, attribute.Name.Length - Suffix.Length)
            : attribute.Name;
}
