using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Parsing.Methods;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>Finds types that the compiler cannot resolve: misspelled ones, and those that other generators create.</summary>
internal static class UnresolvedTypes
{
    /// <summary>The name of the first unresolved type in the contract; null if all are resolved.</summary>
    public static string? FirstIn(INamedTypeSymbol contract, List<RemoteMethod> methods)
    {
        IEnumerable<ITypeSymbol> types = methods
            .SelectMany(method => method.Symbol.Parameters.Select(p => p.Type).Prepend(method.Symbol.ReturnType))
            .Concat(contract.AllInterfaces)
            .Concat(methods.Select(method => (ISymbol)method.Symbol).Prepend(contract).SelectMany(DeclaredFaults.On).Select(fault => fault.Type));
        return types.Select(Find).FirstOrDefault(name => name is not null);
    }

    private static string? Find(ITypeSymbol type) => type switch
    {
        IErrorTypeSymbol => type.Name,
        IArrayTypeSymbol array => Find(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Select(Find).FirstOrDefault(name => name is not null) ?? (named.ContainingType is { } containing ? Find(containing) : null),
        _ => null,
    };
}
