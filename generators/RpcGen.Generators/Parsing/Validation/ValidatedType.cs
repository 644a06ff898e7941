using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>A type that parameters contain, directly or indirectly, with the checks of its values.</summary>
internal sealed class ValidatedType(ITypeSymbol type, ValidatorKind kind, string methodName)
{
    public ITypeSymbol Type { get; } = type;

    public ValidatorKind Kind { get; } = kind;

    /// <summary>The generated method that checks values of the type.</summary>
    public string MethodName { get; } = methodName;

    /// <summary>An object's members and their checks, without the validators of their types.</summary>
    public List<(CheckedValue Value, ValueCheckModel Check)> Members { get; } = [];

    /// <summary>The derived types that <c>[JsonDerivedType]</c> declares.</summary>
    public List<INamedTypeSymbol> DerivedTypes { get; } = [];

    /// <summary>The fields with the validation attributes on the type itself.</summary>
    public List<string> Attributes { get; } = [];

    /// <summary>Whether the type implements <c>IValidatableObject</c>.</summary>
    public bool ChecksItself { get; set; }

    /// <summary>The type of a collection's elements, or of a dictionary's values; null for an object.</summary>
    public ITypeSymbol? Element { get; set; }

    public bool ElementRefusesNull => Element is not null && Nullability.RefusesNull(Element, []);

    /// <summary>Whether values of the type, or values inside them, have any checks.</summary>
    public bool IsNeeded { get; set; }

    /// <summary>Whether values of the type have checks apart from those of the values inside them.</summary>
    public bool HasOwnChecks => ElementRefusesNull || ChecksItself || Attributes.Count > 0 || Members.Exists(member => member.Check.HasChecks);

    /// <summary>The types of the values inside.</summary>
    public IEnumerable<ITypeSymbol> Inner => Members.Select(member => member.Value.Type)
        .Concat(DerivedTypes)
        .Concat(Element is null ? [] : [Element]);
}
