using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>The rules for collections: which of them System.Text.Json can create, and how their elements arrive.</summary>
internal static class CollectionRules
{
    private const string Collections = "System.Collections";
    private const string Generic = "System.Collections.Generic";
    private const string Concurrent = "System.Collections.Concurrent";
    private const string Immutable = "System.Collections.Immutable";
    private const string Advice = "use a list, an array or a dictionary, or a collection with a public parameterless constructor and an Add method";

    /// <summary>The types of keys that System.Text.Json can write as member names and read back, in addition to enums.</summary>
    private static readonly HashSet<string> Keys = new(StringComparer.Ordinal)
    {
        "Boolean", "Byte", "SByte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Int128", "UInt128", "Half", "Single", "Double", "Decimal",
        "Char", "String", "Guid", "DateTime", "DateTimeOffset", "DateOnly", "TimeOnly", "TimeSpan", "Uri", "Version",
    };

    private static readonly HashSet<string> ImmutableNames = new(StringComparer.Ordinal)
    {
        "ImmutableArray", "ImmutableList", "IImmutableList", "ImmutableStack", "IImmutableStack", "ImmutableQueue", "IImmutableQueue",
        "ImmutableSortedSet", "ImmutableHashSet", "IImmutableSet", "ImmutableDictionary", "IImmutableDictionary", "ImmutableSortedDictionary",
    };

    /// <summary>The report on a collection; null for other types.</summary>
    public static JsonTypeReport? Of(INamedTypeSymbol type)
    {
        if (type.SpecialType != SpecialType.System_Collections_IEnumerable && !type.AllInterfaces.Any(candidate => candidate.SpecialType == SpecialType.System_Collections_IEnumerable))
        {
            return null;
        }

        var problems = new List<JsonProblem>();
        List<INamedTypeSymbol> derived = [.. JsonNames.DerivedTypes(type)];
        if (!CanBeRead(type) && !(type.IsAbstract && derived.Count > 0))
        {
            problems.Add(new JsonProblem(JsonProblemKind.Unsupported, type, Advice) { IsOnlyRead = true });
        }
        else if (IsStack(type))
        {
            problems.Add(new JsonProblem(JsonProblemKind.Changed, type, "its elements arrive in reverse order, so use a list"));
        }

        if (Dictionary(type) is { TypeArguments: [var key, ..] } && !IsKey(key))
        {
            problems.Add(new JsonProblem(JsonProblemKind.Unsupported, type, $"'{TypeDisplay.ShortName(key)}' cannot be the name of a JSON member, so use a text, a number, an enum or a list of pairs"));
        }

        problems.AddRange(OwnMembers(type));
        return new JsonTypeReport(problems, [.. JsonGraph.Elements(type).Concat(derived).Select(part => new JsonPart(part, IsRead: true))]);
    }

    private static bool CanBeRead(INamedTypeSymbol type)
    {
        if (Derives(type, Generic, "List`1") || Derives(type, Generic, "Dictionary`2"))
        {
            return IsCreatable(type);
        }

        if (type.Arity > 0 && ImmutableNames.Contains(type.Name) && KnownTypes.Is(type, Immutable, type.MetadataName))
        {
            return true;
        }

        if (Interface(type, Generic, "IDictionary`2") is not null)
        {
            return Is(type, Generic, "IDictionary`2") || IsCreatable(type);
        }

        if (Interface(type, Generic, "IReadOnlyDictionary`2") is not null)
        {
            return Is(type, Generic, "IReadOnlyDictionary`2");
        }

        if (Interface(type, Generic, "ICollection`1") is not null)
        {
            return Is(type, Generic, "IList`1") || Is(type, Generic, "ISet`1") || Is(type, Generic, "ICollection`1") ||
                (IsCreatable(type) && !Is(type, "System", "ArraySegment`1"));
        }

        if (Derives(type, Generic, "Stack`1") || Derives(type, Generic, "Queue`1") || Derives(type, Concurrent, "ConcurrentStack`1") || Derives(type, Concurrent, "ConcurrentQueue`1"))
        {
            return IsCreatable(type);
        }

        return Interface(type, Generic, "IEnumerable`1") is not null
            ? Is(type, Generic, "IEnumerable`1") || Is(type, Generic, "IReadOnlyCollection`1") || Is(type, Generic, "IReadOnlyList`1")
            : CanBeReadUntyped(type);
    }

    private static bool CanBeReadUntyped(INamedTypeSymbol type) =>
        Is(type, Collections, "IEnumerable") || Is(type, Collections, "ICollection") || Is(type, Collections, "IList") || Is(type, Collections, "IDictionary") ||
        ((Interface(type, Collections, "IDictionary") is not null || Interface(type, Collections, "IList") is not null ||
            Derives(type, Collections, "Stack") || Derives(type, Collections, "Queue")) &&
            IsCreatable(type) && !Is(type, "System.Collections.Specialized", "StringCollection")); // takes no JsonElement

    private static bool IsCreatable(INamedTypeSymbol type) =>
        type is { IsAbstract: false, TypeKind: TypeKind.Class or TypeKind.Struct } &&
        type.InstanceConstructors.Any(constructor => constructor.Parameters.IsEmpty &&
            (constructor.DeclaredAccessibility == Accessibility.Public || JsonConstruction.IsMarked(constructor)));

    private static bool IsStack(INamedTypeSymbol type) =>
        Derives(type, Generic, "Stack`1") || Derives(type, Concurrent, "ConcurrentStack`1") || Derives(type, Collections, "Stack") ||
        Is(type, Immutable, "ImmutableStack`1") || Is(type, Immutable, "IImmutableStack`1");

    private static INamedTypeSymbol? Dictionary(INamedTypeSymbol type) =>
        Interface(type, Generic, "IDictionary`2") ?? Interface(type, Generic, "IReadOnlyDictionary`2");

    /// <summary>Whether the type can be a dictionary's key. Converters of the application's own types can read keys or not: this is not known.</summary>
    private static bool IsKey(ITypeSymbol key) =>
        key.TypeKind is TypeKind.Enum or TypeKind.Error or TypeKind.TypeParameter ||
        JsonConverters.HasConverter(key) ||
        (Keys.Contains(key.Name) && KnownTypes.Is(key, "System", key.Name));

    /// <summary>Data that the application's own collections hold beside their elements.</summary>
    private static IEnumerable<JsonProblem> OwnMembers(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null && !KnownTypes.IsOfFramework(at); at = at.BaseType)
        {
            foreach (ISymbol member in at.GetMembers())
            {
                if (JsonMember.Of(member) is { IsWritten: true, IsSettable: true } or { IsIgnoredField: true })
                {
                    yield return new JsonProblem(JsonProblemKind.MemberLost, member, "JSON transmits only the elements of a collection: make the collection a member of a class, or mark the member [JsonIgnore]");
                }
            }
        }
    }

    private static bool Is(ITypeSymbol type, string @namespace, string metadataName) => KnownTypes.Is(type, @namespace, metadataName);

    private static bool Derives(ITypeSymbol type, string @namespace, string metadataName) => KnownTypes.IsOrDerives(type, @namespace, metadataName);

    private static INamedTypeSymbol? Interface(INamedTypeSymbol type, string @namespace, string metadataName) =>
        type.AllInterfaces.Prepend(type).FirstOrDefault(candidate => KnownTypes.Is(candidate, @namespace, metadataName));
}
