using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Descriptions;

/// <summary>
/// Names types as the runtime does in <c>TypeKeys</c> of <c>RpcGen.Server.Introspection</c>: namespace, containing types and name,
/// then all type arguments.
/// </summary>
internal static class TypeKeys
{
    public static string Of(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
        {
            return $"{Of(array.ElementType)}[{new string(',', array.Rank - 1)}]";
        }

        var arguments = new List<string>();
        string name = "";
        for (INamedTypeSymbol? at = type as INamedTypeSymbol; at is not null; at = at.ContainingType)
        {
            name = name.Length == 0 ? at.Name : at.Name + "+" + name;
            arguments.InsertRange(0, at.TypeArguments.Select(Of));
        }

        string space = type.ContainingNamespace is { IsGlobalNamespace: false } named ? named.ToDisplayString() + "." : "";
        return space + name + (arguments.Count == 0 ? "" : $"<{string.Join(",", arguments)}>");
    }
}
