using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes collections: their elements, and how they are counted.</summary>
internal static class CollectionTypes
{
    private const string Generic = "System.Collections.Generic";

    /// <summary>The type of a collection's elements; null for other types, strings and multidimensional arrays.</summary>
    public static ITypeSymbol? Element(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => array.ElementType,
        IArrayTypeSymbol or { SpecialType: SpecialType.System_String } => null,
        _ => Argument(type, "IEnumerable`1", 0),
    };

    /// <summary>The type of a dictionary's values; null for other types.</summary>
    public static ITypeSymbol? DictionaryValue(ITypeSymbol type) => Argument(type, "IDictionary`2", 1) ?? Argument(type, "IReadOnlyDictionary`2", 1);

    /// <summary>Whether enumerating a value could consume it: the type promises enumeration but no count.</summary>
    public static bool MayBeLazy(ITypeSymbol type) =>
        type is not IArrayTypeSymbol && Argument(type, "ICollection`1", 0) is null && Argument(type, "IReadOnlyCollection`1", 0) is null;

    public static bool IsCollection(ITypeSymbol type) => type is IArrayTypeSymbol || Element(type) is not null;

    /// <summary>Whether the type is <c>ImmutableArray</c>. Its default value, which a missing JSON member leaves, throws when enumerated.</summary>
    public static bool IsImmutableArray(ITypeSymbol type) => KnownTypes.Is(type, "System.Collections.Immutable", "ImmutableArray`1");

    /// <summary>The expression for the number of elements or characters, as a member of the value; null if the type has none.</summary>
    public static string? CountProperty(ITypeSymbol type)
    {
        if (IsImmutableArray(type))
        {
            return "AsSpan().Length";
        }

        if (type is IArrayTypeSymbol || type.SpecialType == SpecialType.System_String)
        {
            return "Length";
        }

        return WithBases(type).Any(t => HasCount(t, "Count")) ? "Count"
            : WithBases(type).Any(t => HasCount(t, "Length")) ? "Length"
            : null;
    }

    private static bool HasCount(ITypeSymbol type, string name) =>
        type.GetMembers(name).Any(member => member is IPropertySymbol { IsStatic: false, DeclaredAccessibility: Accessibility.Public, Type.SpecialType: SpecialType.System_Int32 });

    private static IEnumerable<ITypeSymbol> WithBases(ITypeSymbol type)
    {
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            yield return at;
        }

        if (type.TypeKind == TypeKind.Interface)
        {
            foreach (INamedTypeSymbol inherited in type.AllInterfaces)
            {
                yield return inherited;
            }
        }
    }

    /// <summary>A type argument of the generic collection interface that the type is or implements; null if it does not.</summary>
    private static ITypeSymbol? Argument(ITypeSymbol type, string metadataName, int index)
    {
        IEnumerable<INamedTypeSymbol> interfaces = type is INamedTypeSymbol named ? type.AllInterfaces.Prepend(named) : type.AllInterfaces;
        return interfaces.FirstOrDefault(candidate => KnownTypes.Is(candidate, Generic, metadataName))?.TypeArguments[index];
    }
}
