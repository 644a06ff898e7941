using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>What collections hold, and how they are counted.</summary>
internal static class Collections
{
    private const string Generic = "System.Collections.Generic";

    /// <summary>What it enumerates; null for what is no collection or can't be enumerated without using it up.</summary>
    public static ITypeSymbol? Element(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => array.ElementType,
        IArrayTypeSymbol or { SpecialType: SpecialType.System_String } => null,
        _ => Argument(type, "IEnumerable`1", 0),
    };

    /// <summary>What a dictionary holds under its keys.</summary>
    public static ITypeSymbol? DictionaryValue(ITypeSymbol type) => Argument(type, "IDictionary`2", 1) ?? Argument(type, "IReadOnlyDictionary`2", 1);

    /// <summary>Whether values of the type may be lazy: it promises no more than enumeration.</summary>
    public static bool MayBeLazy(ITypeSymbol type) =>
        type is not IArrayTypeSymbol && Argument(type, "ICollection`1", 0) is null && Argument(type, "IReadOnlyCollection`1", 0) is null;

    public static bool IsCollection(ITypeSymbol type) => type is IArrayTypeSymbol || Element(type) is not null;

    /// <summary>An array that may be no array at all: what was left out of JSON, and then throws when it is walked.</summary>
    public static bool IsImmutableArray(ITypeSymbol type) => KnownTypes.Is(type, "System.Collections.Immutable", "ImmutableArray`1");

    /// <summary>The property that says how long it is.</summary>
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
            foreach (INamedTypeSymbol face in type.AllInterfaces)
            {
                yield return face;
            }
        }
    }

    private static ITypeSymbol? Argument(ITypeSymbol type, string metadataName, int index)
    {
        IEnumerable<INamedTypeSymbol> faces = type is INamedTypeSymbol named ? type.AllInterfaces.Prepend(named) : type.AllInterfaces;
        return faces.FirstOrDefault(face => KnownTypes.Is(face, Generic, metadataName))?.TypeArguments[index];
    }
}
