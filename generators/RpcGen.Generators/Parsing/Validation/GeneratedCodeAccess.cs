using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>
/// Decides which symbols the generated code of a contract can access. It has the same access as the contract, except to
/// <c>file</c> types, because it is in another file.
/// </summary>
internal sealed class GeneratedCodeAccess(Compilation compilation, INamedTypeSymbol contract)
{
    /// <summary>Whether generated code can create the attribute, and read the resources that its messages name.</summary>
    public bool CanAccess(AttributeData attribute) =>
        attribute is { AttributeClass: { } type, AttributeConstructor: { } constructor } &&
        CanAccess(type) &&
        CanAccess((ISymbol)constructor) &&
        attribute.ConstructorArguments.All(CanAccess) &&
        attribute.NamedArguments.All(argument => CanAccess(argument.Value)) &&
        CanReadResource(attribute, "ErrorMessageResourceType", "ErrorMessageResourceName") &&
        CanReadResource(attribute, "ResourceType", "Name");

    public bool CanAccess(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => CanAccess(array.ElementType),
        INamedTypeSymbol named => !named.IsFileLocal && CanAccess((ISymbol)named) && named.TypeArguments.All(CanAccess) && (named.ContainingType is not { } containing || CanAccess(containing)),
        _ => true,
    };

    private bool CanAccess(ISymbol symbol) => compilation.IsSymbolAccessibleWithin(symbol, contract);

    private bool CanAccess(TypedConstant constant) =>
        (constant.Type is not { } type || CanAccess(type)) &&
        constant switch
        {
            { IsNull: true } => true,
            { Kind: TypedConstantKind.Array } => constant.Values.All(CanAccess),
            { Value: ITypeSymbol named } => CanAccess(named),
            _ => true,
        };

    /// <summary>Whether the resource that two arguments name is an accessible static string property, or they name none.</summary>
    private bool CanReadResource(AttributeData attribute, string typeArgument, string nameArgument) =>
        AttributeLookup.Named<INamedTypeSymbol>(attribute, typeArgument) is not { } type ||
        AttributeLookup.Named<string>(attribute, nameArgument) is not { } name ||
        type.GetMembers(name).Any(member => member is IPropertySymbol { IsStatic: true, GetMethod: { } getter, Type.SpecialType: SpecialType.System_String } && CanAccess((ISymbol)getter));
}
