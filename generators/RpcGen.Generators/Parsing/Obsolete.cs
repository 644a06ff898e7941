using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>What is marked <c>[Obsolete]</c>: generated code uses it all the same, and says so, instead of warning the user.</summary>
internal static class Obsolete
{
    public static bool Is(ISymbol symbol) => KnownTypes.Attribute(symbol, "System", "ObsoleteAttribute") is not null;

    /// <summary>Whether using it is an error, which nothing suppresses.</summary>
    public static bool IsError(ISymbol symbol) =>
        KnownTypes.Attribute(symbol, "System", "ObsoleteAttribute") is { ConstructorArguments: [_, { Value: true }] };

    public static bool IsUsedBy(INamedTypeSymbol contract, List<RemoteMethod> methods) =>
        Is(contract) ||
        contract.AllInterfaces.Any(Is) ||
        methods.Any(method => Is(method.Symbol) ||
            MentionsObsolete(method.Symbol.ReturnType) ||
            method.Symbol.Parameters.Any(p => MentionsObsolete(p.Type)) ||
            FaultParser.DeclaredOn(method.Symbol).Any(fault => MentionsObsolete(fault.Type))) ||
        FaultParser.DeclaredOn(contract).Any(fault => MentionsObsolete(fault.Type));

    private static bool MentionsObsolete(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => MentionsObsolete(array.ElementType),
        INamedTypeSymbol named => Is(named) || named.TypeArguments.Any(MentionsObsolete),
        _ => false,
    };
}
