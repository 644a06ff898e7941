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
    public static List<RemoteMethod> Of(INamedTypeSymbol contract)
    {
        var methods = new List<RemoteMethod>();
        foreach (IMethodSymbol method in AbstractMembers(contract).OfType<IMethodSymbol>())
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
    public static IEnumerable<ISymbol> AbstractMembers(INamedTypeSymbol contract)
    {
        IEnumerable<INamedTypeSymbol> interfaces = new[] { contract }.Concat(contract.AllInterfaces.Where(IsForeign));
        var covered = new HashSet<ISymbol>(
            interfaces.SelectMany(type => type.GetMembers().OfType<IMethodSymbol>())
                .Where(method => !method.IsAbstract)
                .SelectMany(method => method.ExplicitInterfaceImplementations),
            SymbolEqualityComparer.Default);
        return interfaces.SelectMany(type => type.GetMembers())
            .Where(member => member.IsAbstract && member is not INamedTypeSymbol && !covered.Contains(member));
    }

    public static bool HasSameSignature(IMethodSymbol one, IMethodSymbol other) =>
        one.Name == other.Name &&
        one.Arity == other.Arity &&
        one.Parameters.Length == other.Parameters.Length &&
        one.Parameters.Zip(other.Parameters, (a, b) => SymbolEqualityComparer.Default.Equals(a.Type, b.Type)).All(same => same);

    private static bool Hides(IMethodSymbol derived, IMethodSymbol inherited) =>
        SymbolEqualityComparer.Default.Equals(derived.ReturnType, inherited.ReturnType) &&
        derived.ContainingType.AllInterfaces.Contains(inherited.ContainingType, SymbolEqualityComparer.Default);

    /// <summary>Not the generated face of a contract.</summary>
    private static bool IsForeign(INamedTypeSymbol type) => !KnownTypes.Is(type, "RpcGen", "IRpcContract`1");
}
