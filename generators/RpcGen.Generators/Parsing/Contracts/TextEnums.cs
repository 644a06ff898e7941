using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>The enums of a contract that <c>[RpcJson(EnumsAsText = true)]</c> sends by their names.</summary>
internal sealed class TextEnums(INamedTypeSymbol contract, Compilation compilation)
{
    private readonly bool _isOn = JsonForms.HasTextEnums(contract);
    private readonly GeneratedCodeAccess _access = new(compilation, contract);

    /// <summary>Whether the enum is sent by its names. One with a converter of its own keeps it, and one that generated code cannot name stays a number.</summary>
    public bool Contains(INamedTypeSymbol type) =>
        _isOn && type.TypeKind == TypeKind.Enum && !JsonConverters.HasConverter(type) && _access.CanAccess(type);

    /// <summary>The enums that the contract's data leads to, in ordinal order of their names.</summary>
    public List<INamedTypeSymbol> Find()
    {
        if (!_isOn)
        {
            return [];
        }

        HashSet<ITypeSymbol> reached = JsonGraph.NewSet();
        foreach (JsonRoot root in JsonRoots.Of(contract, compilation))
        {
            JsonGraph.AddReachable(root.Type, reached);
        }

        return [.. reached.OfType<INamedTypeSymbol>().Where(Contains).OrderBy(TypeDisplay.FullName, StringComparer.Ordinal)];
    }
}
