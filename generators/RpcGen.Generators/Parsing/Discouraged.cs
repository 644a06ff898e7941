using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RpcGen.Generators.Parsing;

/// <summary>
/// What generated code uses although it is marked <c>[Obsolete]</c> or <c>[Experimental]</c>: collects by which ids the
/// compiler would say so, since the user has answered that where the contract uses it.
/// </summary>
internal sealed class Discouraged
{
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Types recur in a contract, and to look for attributes costs.</summary>
    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);

    /// <summary>The ids, in order.</summary>
    public IEnumerable<string> Ids => _ids;

    /// <summary>All that generated code names of a contract but what validation does.</summary>
    public void AddContract(INamedTypeSymbol contract, List<RemoteMethod> methods)
    {
        Add(contract);
        foreach (INamedTypeSymbol face in contract.AllInterfaces)
        {
            AddType(face);
            AddFaults(face);
        }

        AddFaults(contract);
        foreach (IMethodSymbol method in methods.Select(remote => remote.Symbol))
        {
            Add(method);
            AddType(method.ReturnType);
            AddFaults(method);
            foreach (IParameterSymbol parameter in method.Parameters)
            {
                AddType(parameter.Type);
            }
        }
    }

    /// <summary>A symbol itself.</summary>
    public void Add(ISymbol symbol) => Add(symbol.GetAttributes());

    /// <summary>A symbol that has these attributes.</summary>
    public void Add(IEnumerable<AttributeData> attributes)
    {
        foreach (AttributeData attribute in attributes)
        {
            if (KnownTypes.Is(attribute.AttributeClass, "System", "ObsoleteAttribute"))
            {
                // Generated code marks the methods' own classes [Obsolete], without an id of its own.
                _ids.UnionWith(["CS0612", "CS0618"]);
                AddId(KnownTypes.Named<string>(attribute, "DiagnosticId"));
            }
            else if (KnownTypes.Is(attribute.AttributeClass, "System.Diagnostics.CodeAnalysis", "ExperimentalAttribute"))
            {
                AddId(KnownTypes.Argument<string>(attribute));
            }
        }
    }

    /// <summary>A type with all that its name is made of.</summary>
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

            if (named.ContainingType is { } around)
            {
                AddType(around);
            }
        }
    }

    private void AddFaults(ISymbol symbol)
    {
        foreach (DeclaredFault fault in FaultParser.DeclaredOn(symbol))
        {
            AddType(fault.Type);
            for (ITypeSymbol? at = fault.Type; at is not null; at = at.BaseType)
            {
                foreach (ISymbol member in at.GetMembers())
                {
                    if (member is IPropertySymbol)
                    {
                        Add(member);
                    }
                }
            }
        }
    }

    /// <summary>A pragma takes no other ids.</summary>
    private void AddId(string? id)
    {
        if (id is not null && SyntaxFacts.IsValidIdentifier(id))
        {
            _ids.Add(id);
        }
    }
}
