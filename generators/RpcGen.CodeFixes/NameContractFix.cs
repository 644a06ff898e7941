using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Simplification;

namespace RpcGen.CodeFixes;

/// <summary>Replaces a class as the type argument by its contract: <c>ServeAsync&lt;IFibonacciService&gt;(…)</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class NameContractFix : ContractFix<SimpleNameSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN031");

    private protected override Edit? Fix(SimpleNameSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator)
    {
        if (!diagnostic.Properties.TryGetValue("Contract", out string? contract) || contract is null)
        {
            return null;
        }

        TypeSyntax type = SyntaxFactory.ParseTypeName(contract).WithAdditionalAnnotations(Simplifier.Annotation);
        GenericNameSyntax named = node is GenericNameSyntax { TypeArgumentList.Arguments: { Count: > 0 } arguments } generic
            ? generic.WithTypeArgumentList(SyntaxFactory.TypeArgumentList(arguments.Replace(arguments[0], type)))
            : SyntaxFactory.GenericName(node.Identifier.WithTrailingTrivia()).AddTypeArgumentListArguments(type);
        return new Edit($"Name the contract '{contract.Split('.', ':').Last()}'", named.WithTriviaFrom(node));
    }
}
