using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>Types that do not exist for the generator: misspelt ones, and those that other generators make.</summary>
internal static class UnknownTypes
{
    public static string? FirstIn(INamedTypeSymbol contract, List<RemoteMethod> methods)
    {
        IEnumerable<ITypeSymbol> types = methods
            .SelectMany(method => method.Symbol.Parameters.Select(p => p.Type).Prepend(method.Symbol.ReturnType))
            .Concat(contract.AllInterfaces)
            .Concat(methods.Select(method => (ISymbol)method.Symbol).Prepend(contract).SelectMany(FaultParser.DeclaredOn).Select(fault => fault.Type));
        return types.Select(Find).FirstOrDefault(name => name is not null);
    }

    private static string? Find(ITypeSymbol type) => type switch
    {
        IErrorTypeSymbol => type.Name,
        IArrayTypeSymbol array => Find(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Select(Find).FirstOrDefault(name => name is not null) ?? (named.ContainingType is { } around ? Find(around) : null),
        _ => null,
    };
}
