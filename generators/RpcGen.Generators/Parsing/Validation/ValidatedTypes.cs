using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>The graph of all types that a contract's parameters contain, directly or indirectly. It can have cycles.</summary>
internal sealed class ValidatedTypes
{
    /// <summary>The maximum size of the graph: generic types can expand without end.</summary>
    private const int MaxTypes = 1000;

    private readonly Dictionary<string, ValidatedType> _types = new(StringComparer.Ordinal);

    /// <summary>Types without values inside them, such as numbers.</summary>
    private readonly HashSet<string> _leaves = new(StringComparer.Ordinal);
    private readonly UniqueNames _methods = new([]);
    private readonly TypeNames _names;
    private readonly Action<ValidatedType> _describe;

    /// <summary>Creates an empty graph.</summary>
    /// <param name="names">The names of types.</param>
    /// <param name="describe">Fills in the members, attributes and derived types of an object's type.</param>
    public ValidatedTypes(TypeNames names, Action<ValidatedType> describe)
    {
        _names = names;
        _describe = describe;
    }

    /// <summary>The types with any checks. Valid after <see cref="Close"/>.</summary>
    public IEnumerable<ValidatedType> Needed => _types.Values.Where(type => type.IsNeeded);

    /// <summary>The node of a type; null if its values have no checks. Valid after <see cref="Close"/>.</summary>
    public ValidatedType? Find(ITypeSymbol type) => _types.TryGetValue(Key(type), out ValidatedType node) && node.IsNeeded ? node : null;

    /// <summary>Adds a type and the types of all values inside it.</summary>
    public void Add(ITypeSymbol start, CancellationToken cancellationToken)
    {
        var pending = new Stack<ITypeSymbol>();
        pending.Push(start);
        while (pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ITypeSymbol type = Nullability.Underlying(pending.Pop());
            string key = Key(type);
            if (_types.ContainsKey(key) || _leaves.Contains(key) || _types.Count == MaxTypes)
            {
                continue;
            }

            if (Make(type) is not { } node)
            {
                _leaves.Add(key);
                continue;
            }

            _types.Add(key, node);
            foreach (ITypeSymbol next in node.Inner)
            {
                pending.Push(next);
            }
        }
    }

    /// <summary>
    /// Marks the types that have checks, and the types that contain those. Call it once, after the last <see cref="Add"/>.
    /// </summary>
    public void Close()
    {
        foreach (ValidatedType type in _types.Values)
        {
            type.IsNeeded = type.HasOwnChecks;
        }

        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (ValidatedType type in _types.Values)
            {
                if (!type.IsNeeded && type.Inner.Any(next => Find(next) is not null))
                {
                    type.IsNeeded = changed = true;
                }
            }
        }
    }

    private string Key(ITypeSymbol type) => _names.Of(Nullability.Underlying(type));

    private ValidatedType? Make(ITypeSymbol type)
    {
        if (type.SpecialType is not SpecialType.None and <= SpecialType.System_String)
        {
            return null;
        }

        if (CollectionTypes.DictionaryValue(type) is { } value)
        {
            return new ValidatedType(type, ValidatorKind.Dictionary, _methods.Take("Check" + type.Name)) { Element = value };
        }

        if (CollectionTypes.Element(type) is { } element)
        {
            string name = type is IArrayTypeSymbol ? element.Name + "Array" : type.Name;
            return new ValidatedType(type, ValidatorKind.Collection, _methods.Take("Check" + name)) { Element = element };
        }

        if (type is not INamedTypeSymbol named || IsLeaf(named))
        {
            return null;
        }

        var node = new ValidatedType(type, ValidatorKind.Object, _methods.Take("Check" + (named.IsTupleType ? "Tuple" : type.Name)));
        _describe(node);
        return node;
    }

    private static bool IsLeaf(INamedTypeSymbol type) =>
        type.TypeKind is not (TypeKind.Class or TypeKind.Struct or TypeKind.Interface) ||
        (!type.IsTupleType && KnownTypes.IsOfFramework(type));
}
