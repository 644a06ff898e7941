using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;

namespace RpcGen.Generators.Parsing;

/// <summary>A parameter's default value as an expression.</summary>
internal static class DefaultValues
{
    public static string? Of(IParameterSymbol parameter)
    {
        if (parameter.IsParams)
        {
            return parameter.Type is IArrayTypeSymbol or INamedTypeSymbol { TypeKind: TypeKind.Interface } ? "[]" : null;
        }

        if (!parameter.HasExplicitDefaultValue)
        {
            return null;
        }

        ITypeSymbol type = Underlying(parameter.Type);
        return parameter.ExplicitDefaultValue switch
        {
            null when parameter.Type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated } => "null",
            null when parameter.Type.IsReferenceType => "null!",
            null => "default",
            { } value when type.TypeKind == TypeKind.Enum => $"({KnownTypes.FullName(type)})({CSharpText.Literal(value)})",
            DateTime value => $"new global::System.DateTime({CSharpText.Literal(value.Ticks)})",
            { } value => CSharpText.Literal(value),
        };
    }

    private static ITypeSymbol Underlying(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
}
