using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>A remote method: the symbol that is called, and those that the proxy implements with it.</summary>
/// <param name="Symbol">The method of the most derived interface.</param>
internal sealed record RemoteMethod(IMethodSymbol Symbol)
{
    /// <summary>Methods of the same signature and result in base interfaces that <see cref="Symbol"/> hides.</summary>
    public List<IMethodSymbol> Hidden { get; } = [];
}

/// <summary>The members of a contract and of its bases that have to be implemented.</summary>
internal static class RemoteMethods
{
    /// <summary>Abstract instance methods, own ones first, then those of the base interfaces.</summary>
    public static List<RemoteMethod> Of(INamedTypeSymbol contract) => Of(AbstractMembers(contract));

    /// <inheritdoc cref="Of(INamedTypeSymbol)"/>
    public static List<RemoteMethod> Of(IReadOnlyList<ISymbol> abstractMembers)
    {
        var methods = new List<RemoteMethod>(abstractMembers.Count);
        foreach (IMethodSymbol method in abstractMembers.OfType<IMethodSymbol>())
        {
            if (method is not { MethodKind: MethodKind.Ordinary, IsStatic: false })
            {
                continue;
            }

            RemoteMethod? hiding = methods.Find(other => HasSameSignature(other.Symbol, method) && Hides(other.Symbol, method));
            if (hiding is null)
            {
                methods.Add(new RemoteMethod(method));
            }
            else
            {
                hiding.Hidden.Add(method);
            }
        }

        return methods;
    }

    /// <summary>All abstract members of the contract and its bases, those left out that a default implementation covers.</summary>
    public static List<ISymbol> AbstractMembers(INamedTypeSymbol contract)
    {
        var found = new List<ISymbol>();
        var covered = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (INamedTypeSymbol type in contract.AllInterfaces.Where(IsForeign).Prepend(contract))
        {
            foreach (ISymbol member in type.GetMembers())
            {
                if (member is { IsAbstract: true } and not INamedTypeSymbol)
                {
                    found.Add(member);
                }
                else if (member is IMethodSymbol { ExplicitInterfaceImplementations: { IsEmpty: false } implemented })
                {
                    covered.UnionWith(implemented);
                }
            }
        }

        found.RemoveAll(covered.Contains);
        return found;
    }

    public static bool HasSameSignature(IMethodSymbol one, IMethodSymbol other) =>
        one.Name == other.Name &&
        one.Arity == other.Arity &&
        one.Parameters.Length == other.Parameters.Length &&
        HaveSameTypes(one.Parameters, other.Parameters);

    private static bool HaveSameTypes(ImmutableArray<IParameterSymbol> one, ImmutableArray<IParameterSymbol> other) =>
        one.Zip(other, (a, b) => SymbolEqualityComparer.Default.Equals(a.Type, b.Type)).All(same => same);

    private static bool Hides(IMethodSymbol derived, IMethodSymbol inherited) =>
        SymbolEqualityComparer.Default.Equals(derived.ReturnType, inherited.ReturnType) &&
        derived.ContainingType.AllInterfaces.Contains(inherited.ContainingType, SymbolEqualityComparer.Default);

    /// <summary>Not the generated face of a contract.</summary>
    private static bool IsForeign(INamedTypeSymbol type) => !KnownTypes.Is(type, "RpcGen", "IRpcContract`1");
}
