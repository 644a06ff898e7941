using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>The graph of types in JSON: a type leads to its elements, members and derived types, and its metadata includes theirs.</summary>
internal static class JsonGraph
{
    /// <summary>Adds the type and all types that it leads to, directly or indirectly.</summary>
    public static void AddReachable(ITypeSymbol type, HashSet<ITypeSymbol> reached)
    {
        var open = new Stack<ITypeSymbol>();
        open.Push(type);
        while (open.Count > 0)
        {
            ITypeSymbol next = Plain(open.Pop());
            if (next.TypeKind is TypeKind.Error or TypeKind.TypeParameter || !reached.Add(next))
            {
                continue;
            }

            foreach (ITypeSymbol inner in Next(next))
            {
                open.Push(inner);
            }
        }
    }

    /// <summary>An empty set of types.</summary>
    public static HashSet<ITypeSymbol> NewSet() => new(SymbolEqualityComparer.Default);

    /// <summary>The type without nullable annotations and tuple element names, which make no difference to JSON.</summary>
    public static ITypeSymbol Plain(ITypeSymbol type)
    {
        type = type.WithNullableAnnotation(NullableAnnotation.None);
        return type is INamedTypeSymbol { IsTupleType: true, TupleUnderlyingType: { } tuple } ? tuple : type;
    }

    /// <summary>The types that a type leads to directly.</summary>
    public static IEnumerable<ITypeSymbol> Next(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => [array.ElementType],
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.Select(element => element.Type),
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => nullable.TypeArguments,
        INamedTypeSymbol named when Elements(named) is { Length: > 0 } elements => elements,
        INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Interface } named when !IsScalar(named) =>
            Members(named).Concat(JsonNames.DerivedTypes(named)),
        _ => [],
    };

    private static bool IsScalar(INamedTypeSymbol type) =>
        type.SpecialType != SpecialType.None || (type.TypeArguments.IsEmpty && FrameworkJson.Covers(type));

    /// <summary>The types of a collection's elements; for a dictionary, those of its keys and values.</summary>
    public static ITypeSymbol[] Elements(INamedTypeSymbol type)
    {
        if (KnownTypes.Is(type, "System", "Memory`1") || KnownTypes.Is(type, "System", "ReadOnlyMemory`1"))
        {
            return [type.TypeArguments[0]];
        }

        return
        [
            .. type.AllInterfaces.Prepend(type)
                .Where(candidate => candidate.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T ||
                    KnownTypes.Is(candidate, "System.Collections.Generic", "IAsyncEnumerable`1"))
                .SelectMany(candidate => candidate.TypeArguments[0] is INamedTypeSymbol { MetadataName: "KeyValuePair`2" } pair
                    ? pair.TypeArguments.AsEnumerable()
                    : candidate.TypeArguments),
        ];
    }

    private static IEnumerable<ITypeSymbol> Members(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is { SpecialType: not SpecialType.System_Object }; at = at.BaseType)
        {
            foreach (ISymbol member in at.GetMembers())
            {
                if (TypeOf(member) is { } memberType)
                {
                    yield return memberType;
                }
            }
        }
    }

    /// <summary>The type of a member that JSON transmits; null for other members.</summary>
    public static ITypeSymbol? TypeOf(ISymbol member)
    {
        if (member.IsStatic || member.IsImplicitlyDeclared || JsonNames.IsIgnored(member))
        {
            return null;
        }

        bool isIncluded = JsonNames.IsIncluded(member);
        return member switch
        {
            IPropertySymbol { IsIndexer: false } property when isIncluded ||
                (property.DeclaredAccessibility == Accessibility.Public && property.GetMethod?.DeclaredAccessibility == Accessibility.Public) => property.Type,
            IFieldSymbol field when isIncluded => field.Type,
            _ => null,
        };
    }
}
