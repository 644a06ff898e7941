using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>Writes what applies if a message lacks an argument or a member. Only constants are recorded.</summary>
internal static class WireDefaults
{
    /// <summary>The default of a parameter; null if it has none.</summary>
    public static string? Of(IParameterSymbol parameter) =>
        parameter.IsParams ? "[]"
        : !parameter.HasExplicitDefaultValue ? null
        : parameter.ExplicitDefaultValue is not { } value ? Nullability.HasNull(parameter.Type) ? "null" : "default"
        : Nullability.Underlying(parameter.Type) is INamedTypeSymbol { TypeKind: TypeKind.Enum } type && NameOf(value, type) is { } name ? name
        : value is DateTime moment ? JsonText.Quote(moment.ToString("O", CultureInfo.InvariantCulture))
        : JsonText.Constant(value) ?? Convert.ToString(value, CultureInfo.InvariantCulture);

    /// <summary>
    /// The default of a member without constructor parameter: the constant that initializes it; null without one. Compiled code does
    /// not show initializers, so those of other assemblies are not recorded: builds and editors would differ.
    /// </summary>
    public static string? Of(ISymbol member, ITypeSymbol type, IAssemblySymbol assembly) =>
        SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, assembly) && Initializer(member) is { } value ? Constant(value, Nullability.Underlying(type)) : null;

    /// <summary>The name of an enum's value, as an initializer says it; null for a value without one.</summary>
    private static string? NameOf(object value, INamedTypeSymbol type) =>
        type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => field.HasConstantValue && value.Equals(field.ConstantValue))?.Name;

    private static ExpressionSyntax? Initializer(ISymbol member) => member.DeclaringSyntaxReferences is not [var syntax, ..] ? null : syntax.GetSyntax() switch
    {
        PropertyDeclarationSyntax property => property.Initializer?.Value,
        VariableDeclaratorSyntax field => field.Initializer?.Value,
        _ => null,
    };

    private static string? Constant(ExpressionSyntax value, ITypeSymbol type) => value switch
    {
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NullLiteralExpression or (int)SyntaxKind.DefaultLiteralExpression } => null,
        LiteralExpressionSyntax literal => JsonText.Constant(literal.Token.Value),
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.UnaryMinusExpression, Operand: LiteralExpressionSyntax literal } => "-" + JsonText.Constant(literal.Token.Value),
        MemberAccessExpressionSyntax { Name.Identifier.Text: "Empty" } when type.SpecialType == SpecialType.System_String => "\"\"",
        MemberAccessExpressionSyntax access when type.TypeKind == TypeKind.Enum => access.Name.Identifier.Text,
        _ => null,
    };
}
