using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>How generated code names the types of one contract; each is spelled once, for most recur with every method.</summary>
internal sealed class TypeNames
{
    private readonly Dictionary<ITypeSymbol, string> _known = new(SymbolEqualityComparer.IncludeNullability);

    public string Of(ITypeSymbol type)
    {
        if (!_known.TryGetValue(type, out string? name))
        {
            name = KnownTypes.FullName(type);
            _known.Add(type, name);
        }

        return name;
    }
}
