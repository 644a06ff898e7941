using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>A type that System.Text.Json refuses to write or to read, whatever metadata there is.</summary>
/// <param name="Type">The type.</param>
/// <param name="Advice">What to do instead.</param>
internal sealed record UnsupportedType(ITypeSymbol Type, string Advice)
{
    private const string Json = "System.Text.Json.Serialization";

    /// <summary>The first one that a type leads to: itself, what a collection holds, what its members are made of.</summary>
    public static UnsupportedType? FirstIn(ITypeSymbol root)
    {
        HashSet<ITypeSymbol> known = JsonGraph.NewSet();
        var open = new Stack<ITypeSymbol>();
        open.Push(root);
        while (open.Count > 0)
        {
            ITypeSymbol type = JsonGraph.Plain(open.Pop());
            if (!known.Add(type) || FrameworkJson.Covers(type) || HasConverter(type))
            {
                continue;
            }

            if (Advise(type) is { } advice)
            {
                return new UnsupportedType(type, advice);
            }

            foreach (ITypeSymbol inner in JsonGraph.Next(type, IsRead))
            {
                open.Push(inner);
            }
        }

        return null;
    }

    private static string? Advise(ITypeSymbol type)
    {
        const string data = "use a type that holds data";
        return type switch
        {
            IArrayTypeSymbol { Rank: > 1 } => "use an array of arrays",
            { TypeKind: TypeKind.Delegate } => data,
            { SpecialType: SpecialType.System_IntPtr or SpecialType.System_UIntPtr } => "use a number of a fixed size",
            { SpecialType: SpecialType.System_Delegate or SpecialType.System_MulticastDelegate } => data,
            _ when KnownTypes.IsToken(type) || KnownTypes.IsOrDerives(type, "System.Threading.Tasks", "Task") || KnownTypes.IsOrDerives(type, "System.Threading.Tasks", "Task`1") => data,
            _ when KnownTypes.Is(type, "System.Threading.Tasks", "ValueTask") || KnownTypes.Is(type, "System.Threading.Tasks", "ValueTask`1") => data,
            _ when KnownTypes.IsOrDerives(type, "System.Reflection", "MemberInfo") || KnownTypes.IsOrDerives(type, "System.IO", "Stream") => data,
            _ when KnownTypes.Is(type, "System.Collections.Generic", "IAsyncEnumerable`1") => "use a list",
            { IsAbstract: true, TypeKind: TypeKind.Class or TypeKind.Interface } when !IsCollection(type) && !KnownTypes.IsOrDerives(type, "System.Text.Json.Nodes", "JsonNode") &&
                !JsonNames.DerivedTypes((INamedTypeSymbol)type).Any() => "name a class, or the classes that it stands for with [JsonDerivedType]",
            _ => null,
        };
    }

    private static bool HasConverter(ISymbol symbol) => symbol.GetAttributes().Any(attribute => KnownTypes.IsOrDerives(attribute.AttributeClass, Json, "JsonConverterAttribute"));

    private static bool IsCollection(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_Collections_IEnumerable || type.AllInterfaces.Any(face => face.SpecialType == SpecialType.System_Collections_IEnumerable);

    /// <summary>Whether a member is set from JSON by what its own type says: what is only calculated is written as what it happens to be.</summary>
    private static bool IsRead(ISymbol member) => !KnownTypes.IsOfFramework(member.ContainingType) && !HasConverter(member) && member switch
    {
        IPropertySymbol { SetMethod: null } property => property.ContainingType.InstanceConstructors.Any(constructor =>
            constructor.Parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase))),
        _ => true,
    };
}
