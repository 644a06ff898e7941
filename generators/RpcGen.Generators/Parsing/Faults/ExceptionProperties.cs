using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Faults;

/// <summary>The properties of exceptions, as far as faults can transmit them.</summary>
internal static class ExceptionProperties
{
    /// <summary>Properties of <see cref="Exception"/>, which a fault does not transmit as members.</summary>
    private static readonly string[] OfException = ["Message", "Data", "HelpLink", "HResult", "InnerException", "Source", "StackTrace", "TargetSite"];

    /// <summary>The public properties that the type adds to <see cref="Exception"/>, those of its base types first.</summary>
    public static List<IPropertySymbol> Of(INamedTypeSymbol type)
    {
        var names = new HashSet<string>(OfException, StringComparer.Ordinal);
        return Ancestry(type).Reverse()
            .SelectMany(at => at.GetMembers().OfType<IPropertySymbol>())
            .Where(p => p is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public, GetMethod.DeclaredAccessibility: Accessibility.Public } &&
                !JsonNames.IsIgnored(p) && !ObsoleteAttributes.IsError(p) && names.Add(p.Name))
            .ToList();
    }

    /// <summary>The type and its base types below <see cref="Exception"/>, the most derived first.</summary>
    public static IEnumerable<INamedTypeSymbol> Ancestry(INamedTypeSymbol exception)
    {
        for (INamedTypeSymbol? type = exception; type is not null && !KnownTypes.Is(type, "System", "Exception"); type = type.BaseType)
        {
            yield return type;
        }
    }

    /// <summary>Whether JSON can transmit values of the type. Exceptions, delegates, pointers and reflection types stay where they are.</summary>
    public static bool CanTravel(ITypeSymbol type) =>
        !IsException(type) && type.TypeKind is not (TypeKind.Delegate or TypeKind.Pointer or TypeKind.Error) && !KnownTypes.IsOrDerives(type, "System", "Type");

    public static bool IsException(ITypeSymbol type) => KnownTypes.IsOrDerives(type, "System", "Exception");

    /// <summary>Whether the type, below <see cref="Exception"/>, composes its message itself.</summary>
    public static bool ComposeMessage(INamedTypeSymbol exception) =>
        Ancestry(exception).Any(type => type.GetMembers("Message").OfType<IPropertySymbol>().Any(p => p.IsOverride));

    /// <summary>Whether the getter only calculates its value: its source is known, and it reads no field of its type.</summary>
    public static bool IsComputed(IPropertySymbol property)
    {
        if (property.DeclaringSyntaxReferences.IsEmpty)
        {
            return false;
        }

        var fields = new HashSet<string>(StringComparer.Ordinal);
        foreach (IFieldSymbol field in property.ContainingType.GetMembers().OfType<IFieldSymbol>())
        {
            bool isBackingField = SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property);
            if (isBackingField)
            {
                return false;
            }

            fields.Add(field.Name);
        }

        return !property.DeclaringSyntaxReferences
            .SelectMany(syntax => syntax.GetSyntax().DescendantTokens())
            .Any(token => fields.Contains(token.ValueText));
    }
}
