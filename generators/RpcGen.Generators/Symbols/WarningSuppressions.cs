using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RpcGen.Generators.Symbols;

/// <summary>
/// Collects the ids of warnings that generated code has to suppress, because it uses symbols marked <c>[Obsolete]</c> or
/// <c>[Experimental]</c>. The compiler already warns where the contract uses them, and users respond there.
/// </summary>
internal sealed class WarningSuppressions
{
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>The types added so far: types recur in a contract, and reading attributes is expensive.</summary>
    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);

    /// <summary>The ids, in ordinal order.</summary>
    public IEnumerable<string> Ids => _ids;

    /// <summary>Adds a symbol, without the types in its signature.</summary>
    public void Add(ISymbol symbol) => Add(symbol.GetAttributes());

    /// <summary>Adds a symbol that has these attributes.</summary>
    public void Add(IEnumerable<AttributeData> attributes)
    {
        foreach (AttributeData attribute in attributes)
        {
            if (KnownTypes.Is(attribute.AttributeClass, "System", "ObsoleteAttribute"))
            {
                // Generated code marks classes of obsolete methods [Obsolete] without an id, so both standard ids are needed.
                _ids.UnionWith(["CS0612", "CS0618"]);
                AddId(AttributeLookup.Named<string>(attribute, "DiagnosticId"));
            }
            else if (KnownTypes.Is(attribute.AttributeClass, "System.Diagnostics.CodeAnalysis", "ExperimentalAttribute"))
            {
                AddId(AttributeLookup.Argument<string>(attribute));
            }
        }
    }

    /// <summary>Adds a type, its element type or type arguments, and the types that contain it.</summary>
    public void AddType(ITypeSymbol type)
    {
        if (type.SpecialType != SpecialType.None || !_seen.Add(type))
        {
            return;
        }

        if (type is IArrayTypeSymbol array)
        {
            AddType(array.ElementType);
        }
        else if (type is INamedTypeSymbol named)
        {
            Add(named);
            foreach (ITypeSymbol argument in named.TypeArguments)
            {
                AddType(argument);
            }

            if (named.ContainingType is { } containing)
            {
                AddType(containing);
            }
        }
    }

    /// <summary>Adds an id if <c>#pragma warning</c> accepts it.</summary>
    private void AddId(string? id)
    {
        if (id is not null && SyntaxFacts.IsValidIdentifier(id))
        {
            _ids.Add(id);
        }
    }
}
