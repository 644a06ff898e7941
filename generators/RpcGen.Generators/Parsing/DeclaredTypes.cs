using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>The types that a project declares.</summary>
internal static class DeclaredTypes
{
    /// <summary>All of them, nested ones too; what is nested in a contract, which is generated, is left out.</summary>
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
                if (KnownTypes.IsContract(type))
                {
                    continue;
                }
            }

            // Only nested types are asked for: making the symbols of all other members takes the compiler a while.
            IEnumerable<INamespaceOrTypeSymbol> members = next is INamespaceSymbol space ? space.GetMembers() : next.GetTypeMembers();
            foreach (INamespaceOrTypeSymbol member in members)
            {
                open.Push(member);
            }
        }
    }
}
