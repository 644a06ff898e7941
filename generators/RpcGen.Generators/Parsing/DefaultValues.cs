using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Emitting;

namespace RpcGen.Generators.Parsing;

/// <summary>A parameter's default value as an expression.</summary>
internal static class DefaultValues
{
    public static string? Of(IParameterSymbol parameter)
    {
        if (parameter.IsParams)
        {
            return "[]";
        }

        if (IsNull(parameter))
        {
            return Null(parameter.Type);
        }

        if (!parameter.HasExplicitDefaultValue)
        {
            return null;
        }

        ITypeSymbol type = Underlying(parameter.Type);
        return parameter.ExplicitDefaultValue switch
        {
            null => Null(parameter.Type),
            { } value when type.TypeKind == TypeKind.Enum => $"({KnownTypes.FullName(type)})({CSharpText.Literal(value)})",
            DateTime value => $"new global::System.DateTime({CSharpText.Literal(value.Ticks)})",
            { } value => CSharpText.Literal(value),
        };
    }

    private static string Null(ITypeSymbol type) => type switch
    {
        { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated } => "null",
        { IsReferenceType: true } => "null!",
        _ => "default",
    };

    /// <summary>Whether the declaration says <c>null</c>, the most common default: then the compiler need not be asked what it comes to.</summary>
    private static bool IsNull(IParameterSymbol parameter) =>
        parameter.DeclaringSyntaxReferences is [var syntax] &&
        syntax.GetSyntax() is ParameterSyntax { Default.Value.RawKind: (int)SyntaxKind.NullLiteralExpression };

    private static ITypeSymbol Underlying(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
}
