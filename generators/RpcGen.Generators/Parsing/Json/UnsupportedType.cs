using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>A type that System.Text.Json cannot serialize or deserialize, even with metadata.</summary>
/// <param name="Type">The type.</param>
/// <param name="Advice">What to use instead.</param>
internal sealed record UnsupportedType(ITypeSymbol Type, string Advice)
{
    private const string Json = "System.Text.Json.Serialization";

    /// <summary>The first unsupported type among the type itself and all types that it leads to; null if JSON supports them all.</summary>
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
                !JsonNames.DerivedTypes((INamedTypeSymbol)type).Any() => "use a class that is not abstract, or name its derived classes with [JsonDerivedType]",
            _ => null,
        };
    }

    private static bool HasConverter(ISymbol symbol) => symbol.GetAttributes().Any(attribute => KnownTypes.IsOrDerives(attribute.AttributeClass, Json, "JsonConverterAttribute"));

    private static bool IsCollection(ITypeSymbol type) =>
        type.SpecialType == SpecialType.System_Collections_IEnumerable || type.AllInterfaces.Any(candidate => candidate.SpecialType == SpecialType.System_Collections_IEnumerable);

    /// <summary>
    /// Whether deserializing sets the member with the metadata of its declared type. Calculated properties are only serialized, and
    /// by the type of their value.
    /// </summary>
    private static bool IsRead(ISymbol member) => !KnownTypes.IsOfFramework(member.ContainingType) && !HasConverter(member) && member switch
    {
        IPropertySymbol { SetMethod: null } property => property.ContainingType.InstanceConstructors.Any(constructor =>
            constructor.Parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase))),
        _ => true,
    };
}
