using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Naming;

/// <summary>Caches the full names of types, because most types recur in a contract and spelling a name is expensive.</summary>
internal sealed class TypeNames
{
    private readonly Dictionary<ITypeSymbol, string> _known = new(SymbolEqualityComparer.IncludeNullability);

    public string Of(ITypeSymbol type)
    {
        if (!_known.TryGetValue(type, out string? name))
        {
            name = TypeDisplay.FullName(type);
            _known.Add(type, name);
        }

        return name;
    }
}
