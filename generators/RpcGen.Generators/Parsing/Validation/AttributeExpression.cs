using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Writes the expression that creates an attribute.</summary>
internal static class AttributeExpression
{
    public static string Of(AttributeData attribute)
    {
        string arguments = string.Join(", ", attribute.ConstructorArguments.Select(Constant));
        ImmutableArray<KeyValuePair<string, TypedConstant>> named = attribute.NamedArguments;
        string properties = named.IsEmpty ? "" : $" {{ {string.Join(", ", named.Select(p => $"{Identifiers.Escape(p.Key)} = {Constant(p.Value)}"))} }}";
        return $"new {TypeDisplay.FullName(attribute.AttributeClass!)}({arguments}){properties}";
    }

    private static string Constant(TypedConstant constant) => constant switch
    {
        { IsNull: true } => $"default({Plain(constant.Type!)})!",
        { Kind: TypedConstantKind.Array } =>
            $"new {Plain(constant.Type!)} {{ {string.Join(", ", constant.Values.Select(Constant))} }}",
        { Kind: TypedConstantKind.Type } => $"typeof({Plain((ITypeSymbol)constant.Value!)})",
        { Kind: TypedConstantKind.Enum } => $"({Plain(constant.Type!)})({Literals.Of(constant.Value!)})",
        { Value: byte or sbyte or short or ushort } => $"({Plain(constant.Type!)})({Literals.Of(constant.Value!)})",
        _ => Literals.Of(constant.Value!),
    };

    private static string Plain(ITypeSymbol type) => type.ToDisplayString(TypeDisplay.Format.RemoveMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));
}
