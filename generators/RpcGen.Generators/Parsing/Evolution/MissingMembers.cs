using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>Decides what happens to arguments in which JSON lacks a member that is not required.</summary>
internal static class MissingMembers
{
    /// <summary>
    /// Whether servers refuse arguments without the member, because it is then null and its type does not allow null. For types
    /// without source, only a constructor shows whether the member has another default.
    /// </summary>
    public static bool AreRefused(ISymbol member, ITypeSymbol type)
    {
        if (!Nullability.RefusesNull(type, member.GetAttributes()))
        {
            return false;
        }

        IParameterSymbol? parameter = member.ContainingType.InstanceConstructors
            .SelectMany(constructor => constructor.Parameters)
            .FirstOrDefault(p => string.Equals(p.Name, member.Name, StringComparison.OrdinalIgnoreCase));
        return parameter is not null ? !parameter.HasExplicitDefaultValue : IsNullWithoutConstructor(member);
    }

    private static bool IsNullWithoutConstructor(ISymbol member) => member.DeclaringSyntaxReferences is [var syntax, ..] && syntax.GetSyntax() switch
    {
        PropertyDeclarationSyntax { Initializer: { } initializer } => IsForgivenNull(initializer.Value),
        PropertyDeclarationSyntax { ExpressionBody: null } property => property.AccessorList!.Accessors.All(accessor => accessor is { Body: null, ExpressionBody: null }),
        VariableDeclaratorSyntax { Initializer: var initializer } => initializer is null || IsForgivenNull(initializer.Value),
        _ => false,
    };

    /// <summary>Whether the expression is <c>null!</c> or <c>default!</c>.</summary>
    private static bool IsForgivenNull(ExpressionSyntax value) =>
        value is PostfixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NullLiteralExpression or (int)SyntaxKind.DefaultLiteralExpression } };
}
