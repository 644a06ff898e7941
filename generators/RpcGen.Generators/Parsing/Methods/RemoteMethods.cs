using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Methods;

/// <summary>Finds the members of a contract and of its base interfaces that have to be implemented.</summary>
internal static class RemoteMethods
{
    /// <summary>The remote methods: abstract instance methods, the contract's own first, then those of base interfaces.</summary>
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

    /// <summary>The abstract members of the contract and its base interfaces, except those with a default implementation.</summary>
    public static List<ISymbol> AbstractMembers(INamedTypeSymbol contract)
    {
        var found = new List<ISymbol>();
        var implementedByDefault = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (INamedTypeSymbol type in contract.AllInterfaces.Where(IsDeclaredByUser).Prepend(contract))
        {
            foreach (ISymbol member in type.GetMembers())
            {
                if (member is { IsAbstract: true } and not INamedTypeSymbol)
                {
                    found.Add(member);
                }
                else if (member is IMethodSymbol { ExplicitInterfaceImplementations: { IsEmpty: false } implemented })
                {
                    implementedByDefault.UnionWith(implemented);
                }
            }
        }

        found.RemoveAll(implementedByDefault.Contains);
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

    /// <summary>Excludes <c>IRpcContract&lt;T&gt;</c>, whose members generated code implements.</summary>
    private static bool IsDeclaredByUser(INamedTypeSymbol type) => !KnownTypes.Is(type, "RpcGen", "IRpcContract`1");
}
