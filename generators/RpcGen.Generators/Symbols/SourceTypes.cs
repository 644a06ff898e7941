using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Enumerates the types that a project declares in source.</summary>
internal static class SourceTypes
{
    /// <summary>All types, including nested ones. Types nested in contracts are left out, because most of them are generated.</summary>
    public static IEnumerable<INamedTypeSymbol> In(Compilation compilation, CancellationToken cancellationToken)
    {
        var open = new Stack<INamespaceOrTypeSymbol>([compilation.Assembly.GlobalNamespace]);
        while (open.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            INamespaceOrTypeSymbol next = open.Pop();
            if (next is INamedTypeSymbol type)
            {
                yield return type;
                if (RpcAttributes.IsContract(type))
                {
                    continue;
                }
            }

            // GetTypeMembers, not GetMembers: creating the symbols of all other members is expensive.
            IEnumerable<INamespaceOrTypeSymbol> members = next is INamespaceSymbol space ? space.GetMembers() : next.GetTypeMembers();
            foreach (INamespaceOrTypeSymbol member in members)
            {
                open.Push(member);
            }
        }
    }
}
