using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>A type that parameters lead to, with what is to be checked in its values.</summary>
internal sealed class ValidatedType(ITypeSymbol type, ValidatorKind kind, string methodName)
{
    public ITypeSymbol Type { get; } = type;

    public ValidatorKind Kind { get; } = kind;

    public string MethodName { get; } = methodName;

    /// <summary>An object's members and how they are checked, the validators of their types left out.</summary>
    public List<(CheckedValue Value, ValueCheckModel Check)> Members { get; } = [];

    public List<INamedTypeSymbol> DerivedTypes { get; } = [];

    /// <summary>Fields of its own validation attributes.</summary>
    public List<string> Attributes { get; } = [];

    public bool ChecksItself { get; set; }

    /// <summary>What a collection or dictionary holds.</summary>
    public ITypeSymbol? Element { get; set; }

    public bool ElementRefusesNull => Element is not null && Nullables.RefusesNull(Element, []);

    /// <summary>Whether it, or what it leads to, has anything to check.</summary>
    public bool IsNeeded { get; set; }

    public bool HasOwnChecks => ElementRefusesNull || ChecksItself || Attributes.Count > 0 || Members.Exists(member => member.Check.HasChecks);

    public IEnumerable<ITypeSymbol> LeadsTo => Members.Select(member => member.Value.Type)
        .Concat(DerivedTypes)
        .Concat(Element is null ? [] : [Element]);
}

/// <summary>All types that a contract's parameters lead to, circles included.</summary>
internal sealed class ValidatedTypes
{
    /// <summary>Generic types can expand without end; nobody checks as many by hand either.</summary>
    private const int MaxTypes = 1000;

    private readonly Dictionary<string, ValidatedType> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leaves = new(StringComparer.Ordinal);
    private readonly UniqueNames _methods = new([]);
    private readonly TypeNames _names;
    private readonly Action<ValidatedType> _describe;

    /// <summary>An empty graph; <paramref name="describe"/> fills in what an object's type is made of.</summary>
    public ValidatedTypes(TypeNames names, Action<ValidatedType> describe)
    {
        _names = names;
        _describe = describe;
    }

    /// <summary>Those with anything to check.</summary>
    public IEnumerable<ValidatedType> Needed => _types.Values.Where(type => type.IsNeeded);

    /// <summary>The node for values of a type, once everything was added; null where there is nothing to check in them.</summary>
    public ValidatedType? Find(ITypeSymbol type) => _types.TryGetValue(Key(type), out ValidatedType node) && node.IsNeeded ? node : null;

    /// <summary>Adds a type and all that it leads to.</summary>
    public void Add(ITypeSymbol start, CancellationToken cancellationToken)
    {
        var pending = new Stack<ITypeSymbol>();
        pending.Push(start);
        while (pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ITypeSymbol type = Nullables.Underlying(pending.Pop());
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
            foreach (ITypeSymbol next in node.LeadsTo)
            {
                pending.Push(next);
            }
        }
    }

    /// <summary>Finds out which types have anything to check: those that do, and those that lead to them.</summary>
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
                if (!type.IsNeeded && type.LeadsTo.Any(next => Find(next) is not null))
                {
                    type.IsNeeded = changed = true;
                }
            }
        }
    }

    private string Key(ITypeSymbol type) => _names.Of(Nullables.Underlying(type));

    private ValidatedType? Make(ITypeSymbol type)
    {
        if (type.SpecialType is not SpecialType.None and <= SpecialType.System_String)
        {
            return null;
        }

        if (Collections.DictionaryValue(type) is { } value)
        {
            return new ValidatedType(type, ValidatorKind.Dictionary, _methods.Take("Check" + type.Name)) { Element = value };
        }

        if (Collections.Element(type) is { } element)
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
