using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>An attribute as the expression that makes it anew.</summary>
internal static class AttributeText
{
    public static string Of(AttributeData attribute)
    {
        string arguments = string.Join(", ", attribute.ConstructorArguments.Select(Constant));
        ImmutableArray<KeyValuePair<string, TypedConstant>> named = attribute.NamedArguments;
        string properties = named.IsEmpty ? "" : $" {{ {string.Join(", ", named.Select(p => $"{CSharpText.Identifier(p.Key)} = {Constant(p.Value)}"))} }}";
        return $"new {KnownTypes.FullName(attribute.AttributeClass!)}({arguments}){properties}";
    }

    private static string Constant(TypedConstant constant) => constant switch
    {
        { IsNull: true } => $"default({Plain(constant.Type!)})!",
        { Kind: TypedConstantKind.Array } =>
            $"new {Plain(constant.Type!)} {{ {string.Join(", ", constant.Values.Select(Constant))} }}",
        { Kind: TypedConstantKind.Type } => $"typeof({Plain((ITypeSymbol)constant.Value!)})",
        { Kind: TypedConstantKind.Enum } => $"({Plain(constant.Type!)})({CSharpText.Literal(constant.Value!)})",
        { Value: byte or sbyte or short or ushort } => $"({Plain(constant.Type!)})({CSharpText.Literal(constant.Value!)})",
        _ => CSharpText.Literal(constant.Value!),
    };

    private static string Plain(ITypeSymbol type) => type.ToDisplayString(KnownTypes.Format.RemoveMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));
}
