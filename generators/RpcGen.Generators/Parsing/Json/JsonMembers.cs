using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>The members of a data type in the order of System.Text.Json: its own, then those of its base types.</summary>
internal static class JsonMembers
{
    /// <summary>All members, without those that a derived type overrides or hides.</summary>
    public static List<JsonMember> Of(INamedTypeSymbol type)
    {
        var members = new List<JsonMember>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (INamedTypeSymbol at in Hierarchy(type))
        {
            List<JsonMember> own = [.. at.GetMembers().Select(JsonMember.Of).OfType<JsonMember>().Where(member => !names.Contains(member.Symbol.Name))];
            members.AddRange(own);
            names.UnionWith(own.Select(member => member.Symbol.Name));
        }

        return members;
    }

    private static IEnumerable<INamedTypeSymbol> Hierarchy(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is { SpecialType: not (SpecialType.System_Object or SpecialType.System_ValueType) }; at = at.BaseType)
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
}
