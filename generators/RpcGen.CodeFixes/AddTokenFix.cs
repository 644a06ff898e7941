using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Adds a <c>CancellationToken</c> to a method, as the last parameter or before <c>params</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AddTokenFix : ContractFix<MethodDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN023");

    private protected override Edit? Fix(MethodDeclarationSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator)
    {
        if (model.Compilation.GetTypeByMetadataName("System.Threading.CancellationToken") is not { } type)
        {
            return null;
        }

        SeparatedSyntaxList<ParameterSyntax> parameters = node.ParameterList.Parameters;
        string[] names = ["cancellationToken", "token", "cancellation"];
        string? name = names.FirstOrDefault(candidate => parameters.All(p => p.Identifier.ValueText != candidate));
        if (name is null)
        {
            return null;
        }

        var token = (ParameterSyntax)generator.ParameterDeclaration(name, TypeName(type, model, node.SpanStart), SyntaxFactory.LiteralExpression(SyntaxKind.DefaultLiteralExpression));
        int index = parameters.Count > 0 && parameters.Last().Modifiers.Any(SyntaxKind.ParamsKeyword) ? parameters.Count - 1 : parameters.Count;
        return new Edit("Add a CancellationToken", node.WithParameterList(
            index > 0 && index == parameters.Count && LineEndBefore(node.ParameterList, index - 1) is { } lineEnd
                ? AddOnOwnLine(node.ParameterList, token, lineEnd)
                : node.ParameterList.WithParameters(parameters.Insert(index, token))));
    }

    /// <summary>The line end before a parameter that starts a line; null for other parameters.</summary>
    private static SyntaxTrivia? LineEndBefore(ParameterListSyntax list, int index)
    {
        SyntaxToken before = index == 0 ? list.OpenParenToken : list.Parameters.GetSeparator(index - 1);
        SyntaxTrivia lineEnd = before.TrailingTrivia.FirstOrDefault(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
        return lineEnd.IsKind(SyntaxKind.EndOfLineTrivia) ? lineEnd : null;
    }

    /// <summary>Adds the token on a line of its own, indented like the last parameter, whose trailing comment stays beside it.</summary>
    private static ParameterListSyntax AddOnOwnLine(ParameterListSyntax list, ParameterSyntax token, SyntaxTrivia lineEnd)
    {
        ParameterSyntax last = list.Parameters.Last();
        SyntaxTriviaList after = last.GetTrailingTrivia();
        bool endsLine = after.Any(SyntaxKind.EndOfLineTrivia);
        SyntaxTriviaList indent = SyntaxFactory.TriviaList(last.GetLeadingTrivia().LastOrDefault(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)));
        IEnumerable<SyntaxToken> separators = list.Parameters.GetSeparators()
            .Append(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(endsLine ? after : after.Add(lineEnd)));
        ParameterSyntax[] parameters =
        [
            .. list.Parameters.Take(list.Parameters.Count - 1),
            last.WithoutTrailingTrivia(),
            token.WithLeadingTrivia(indent).WithTrailingTrivia(endsLine ? SyntaxFactory.TriviaList(lineEnd) : default),
        ];
        return list.WithParameters(SyntaxFactory.SeparatedList(parameters, separators));
    }
}
