using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>What is marked <c>[Obsolete]</c>: generated code uses it all the same, unless that is an error.</summary>
internal static class Obsolete
{
    public static bool Is(ISymbol symbol) => KnownTypes.Attribute(symbol, "System", "ObsoleteAttribute") is not null;

    /// <summary>Whether using it is an error, which nothing suppresses.</summary>
    public static bool IsError(ISymbol symbol) =>
        KnownTypes.Attribute(symbol, "System", "ObsoleteAttribute") is { ConstructorArguments: [_, { Value: true }] };
}
