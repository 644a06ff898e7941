using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes <c>[Obsolete]</c>. Generated code uses obsolete members too, unless using them is an error.</summary>
internal static class ObsoleteAttributes
{
    public static bool IsObsolete(ISymbol symbol) => Find(symbol) is not null;

    /// <summary>Whether using the symbol is an error, which cannot be suppressed.</summary>
    public static bool IsError(ISymbol symbol) => Find(symbol) is { ConstructorArguments: [_, { Value: true }] };

    private static AttributeData? Find(ISymbol symbol) => AttributeLookup.Find(symbol, "System", "ObsoleteAttribute");
}
