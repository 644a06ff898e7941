using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>What the generated code of a contract can name: it is in the contract's own scope, but in another file.</summary>
internal sealed class Reach(Compilation compilation, INamedTypeSymbol contract)
{
    /// <summary>Whether an attribute can be made anew, and says its message by a resource that is there.</summary>
    public bool Has(AttributeData attribute) =>
        attribute is { AttributeClass: { } type, AttributeConstructor: { } constructor } &&
        Has(type) &&
        Has((ISymbol)constructor) &&
        attribute.ConstructorArguments.All(Has) &&
        attribute.NamedArguments.All(argument => Has(argument.Value)) &&
        HasResource(attribute, "ErrorMessageResourceType", "ErrorMessageResourceName") &&
        HasResource(attribute, "ResourceType", "Name");

    public bool Has(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => Has(array.ElementType),
        INamedTypeSymbol named => !named.IsFileLocal && Has((ISymbol)named) && named.TypeArguments.All(Has) && (named.ContainingType is not { } around || Has(around)),
        _ => true,
    };

    private bool Has(ISymbol symbol) => compilation.IsSymbolAccessibleWithin(symbol, contract);

    private bool Has(TypedConstant constant) =>
        (constant.Type is not { } type || Has(type)) &&
        constant switch
        {
            { IsNull: true } => true,
            { Kind: TypedConstantKind.Array } => constant.Values.All(Has),
            { Value: ITypeSymbol named } => Has(named),
            _ => true,
        };

    private bool HasResource(AttributeData attribute, string typeArgument, string nameArgument) =>
        KnownTypes.Named<INamedTypeSymbol>(attribute, typeArgument) is not { } type ||
        KnownTypes.Named<string>(attribute, nameArgument) is not { } name ||
        type.GetMembers(name).Any(member => member is IPropertySymbol { IsStatic: true, GetMethod: { } getter, Type.SpecialType: SpecialType.System_String } && Has((ISymbol)getter));
}
