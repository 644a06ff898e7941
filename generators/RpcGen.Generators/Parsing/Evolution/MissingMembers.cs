using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>Decides what happens to arguments in which JSON lacks a member that is not required.</summary>
internal static class MissingMembers
{
    /// <summary>
    /// Whether servers refuse arguments without the member: because it is then null and its type does not allow null, or because a
    /// constructor needs its value. A setter needs none: the member then keeps what the type starts with, such as 0. For types without
    /// source, only a constructor shows whether the member has another default.
    /// </summary>
    /// <param name="member">The property or field.</param>
    /// <param name="type">Its type.</param>
    /// <param name="parameter">The parameter of JSON's constructor that sets it; null if none does.</param>
    public static bool AreRefused(ISymbol member, ITypeSymbol type, IParameterSymbol? parameter)
    {
        if (parameter is not null)
        {
            return !parameter.HasExplicitDefaultValue && (type.IsValueType ? IsNeeded(member, type) : Nullability.RefusesNull(type, member.GetAttributes()));
        }

        return Nullability.RefusesNull(type, member.GetAttributes()) && IsNullWithoutConstructor(member);
    }

    /// <summary>Whether a constructor's parameter cannot do without a value. Members that <c>[JsonIgnore]</c> can leave out are not needed.</summary>
    private static bool IsNeeded(ISymbol member, ITypeSymbol type) =>
        !Nullability.HasNull(type) && AttributeLookup.Find(member, "System.Text.Json.Serialization", "JsonIgnoreAttribute") is null;

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
