using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Gives a method a <c>CancellationToken</c>: last, but before <c>params</c>.</summary>
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
        return new Edit(
            "Add a CancellationToken",
            node.WithParameterList(node.ParameterList.WithParameters(parameters.Insert(index, token))));
    }
}
