using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Faults;

/// <summary>One <c>[RpcFault&lt;T&gt;("code")]</c>.</summary>
internal sealed record DeclaredFault(ITypeSymbol Type, string Code, AttributeData Attribute)
{
    /// <summary>The status of HTTP responses; null for the default, which other values than 400 to 599 count as.</summary>
    public int? HttpStatus => AttributeLookup.Named<int>(Attribute, "HttpStatus") is >= 400 and <= 599 and var status ? status : null;

    public bool HasSameType(DeclaredFault other) => SymbolEqualityComparer.Default.Equals(Type, other.Type);
}

/// <summary>Finds the <c>[RpcFault]</c> attributes that apply to a symbol.</summary>
internal static class DeclaredFaults
{
    /// <summary>The faults that the symbol itself declares.</summary>
    public static IEnumerable<DeclaredFault> On(ISymbol symbol)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (RpcAttributes.Is(attribute, RpcAttributes.Fault))
            {
                yield return new DeclaredFault(attribute.AttributeClass!.TypeArguments[0], AttributeLookup.Argument<string>(attribute) ?? "", attribute);
            }
        }
    }

    /// <summary>The faults of a method: its own, then the contract's, then those of the interface that declares the method.</summary>
    public static IEnumerable<DeclaredFault> Of(IMethodSymbol method, INamedTypeSymbol contract) =>
        new ISymbol[] { method, contract, method.ContainingType }.Distinct<ISymbol>(SymbolEqualityComparer.Default).SelectMany(On);
}
