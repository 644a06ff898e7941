using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Methods;

/// <summary>Writes default values of parameters as expressions.</summary>
internal static class DefaultValues
{
    /// <summary>The default value; null for a required parameter.</summary>
    public static string? Of(IParameterSymbol parameter)
    {
        if (parameter.IsParams)
        {
            return "[]";
        }

        if (IsNullInSource(parameter))
        {
            return Null(parameter.Type);
        }

        if (!parameter.HasExplicitDefaultValue)
        {
            return null;
        }

        ITypeSymbol type = Nullability.Underlying(parameter.Type);
        return parameter.ExplicitDefaultValue switch
        {
            null => Null(parameter.Type),
            { } value when type.TypeKind == TypeKind.Enum => $"({TypeDisplay.FullName(type)})({Literals.Of(value)})",
            DateTime value => $"new global::System.DateTime({Literals.Of(value.Ticks)})",
            { } value => Literals.Of(value),
        };
    }

    /// <summary>The default value, if it is a constant of C#. A <c>DateTime</c> is none.</summary>
    public static string? ConstantOf(IParameterSymbol parameter) =>
        parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: DateTime } ? null : Of(parameter);

    private static string Null(ITypeSymbol type) => type switch
    {
        { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated } => "null",
        { IsReferenceType: true } => "null!",
        _ => "default",
    };

    /// <summary>Whether the source says <c>= null</c>, the most common default. Asking the compiler for the value would be slower.</summary>
    private static bool IsNullInSource(IParameterSymbol parameter) =>
        parameter.DeclaringSyntaxReferences is [var syntax] &&
        syntax.GetSyntax() is ParameterSyntax { Default.Value.RawKind: (int)SyntaxKind.NullLiteralExpression };
}
