using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Finds the members of a type that JSON transmits and generated code validates.</summary>
internal static class ValidatedMembers
{
    public static IEnumerable<CheckedValue> Of(INamedTypeSymbol type)
    {
        if (type.IsTupleType)
        {
            return type.TupleElements.Select((element, i) =>
            {
                string name = "Item" + (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
                return new CheckedValue(name, name, element.Type, [], type);
            });
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        return Ancestry(type)
            .SelectMany(at => at.GetMembers())
            .Where(member => member is IPropertySymbol or IFieldSymbol && names.Add(member.Name) && Travels(member))
            .Select(member => new CheckedValue(member.Name, JsonNames.Of(member), TypeOf(member), Attributes(member).ToList(), type))
            .Where(value => IsWorthChecking(value, type))
            .ToList();
    }

    /// <summary>The public property with the given name in C#; null if the type has no such property.</summary>
    public static IPropertySymbol? Find(INamedTypeSymbol type, string name) =>
        Ancestry(type).SelectMany(at => at.GetMembers(name)).OfType<IPropertySymbol>().FirstOrDefault(IsReadable);

    /// <summary>The type and its base types, the most derived first.</summary>
    public static IEnumerable<INamedTypeSymbol> Ancestry(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            yield return at;
        }
    }

    private static bool Travels(ISymbol member) => !JsonNames.IsIgnored(member) && !ObsoleteAttributes.IsError(member) && member switch
    {
        IPropertySymbol property => IsReadable(property),
        IFieldSymbol { IsStatic: false, IsConst: false, DeclaredAccessibility: Accessibility.Public } field => JsonNames.IsIncluded(field),
        _ => false,
    };

    private static bool IsReadable(IPropertySymbol property) =>
        property is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public } &&
        property.GetMethod is { DeclaredAccessibility: Accessibility.Public } or null &&
        (property.GetMethod is not null || property.OverriddenProperty?.GetMethod is not null);

    private static ITypeSymbol TypeOf(ISymbol member) => member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;

    /// <summary>
    /// The member's own attributes, those of a positional record's parameter, and those of overridden properties. As with .NET's
    /// attribute inheritance, an attribute on an override replaces the inherited ones of the same type.
    /// </summary>
    public static IEnumerable<AttributeData> Attributes(ISymbol member)
    {
        var seen = new HashSet<ISymbol?>(SymbolEqualityComparer.Default);
        for (ISymbol? at = member; at is not null; at = (at as IPropertySymbol)?.OverriddenProperty)
        {
            List<AttributeData> own = at.GetAttributes().Concat(RecordParameter(at)?.GetAttributes() ?? Enumerable.Empty<AttributeData>()).ToList();
            foreach (AttributeData attribute in own)
            {
                if (!seen.Contains(attribute.AttributeClass))
                {
                    yield return attribute;
                }
            }

            seen.UnionWith(own.Select(attribute => attribute.AttributeClass));
        }
    }

    private static IParameterSymbol? RecordParameter(ISymbol member) => member.ContainingType.InstanceConstructors
        .SelectMany(constructor => constructor.Parameters)
        .FirstOrDefault(parameter => parameter.Name == member.Name && member is IPropertySymbol);

    /// <summary>
    /// Whether the member can be invalid. A calculated property does not come from the message, so it is checked only if it has a
    /// validation attribute.
    /// </summary>
    private static bool IsWorthChecking(CheckedValue value, INamedTypeSymbol type) =>
        value.HasValidation ||
        Ancestry(type).SelectMany(at => at.GetMembers(value.Name)).Any(member => member is IFieldSymbol or IPropertySymbol { SetMethod: not null }) ||
        type.InstanceConstructors.Any(c => c.Parameters.Any(p => string.Equals(p.Name, value.Name, StringComparison.OrdinalIgnoreCase)));
}
