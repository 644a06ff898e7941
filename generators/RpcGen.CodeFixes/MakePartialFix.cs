using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Makes a contract, or a type that contains it, partial.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MakePartialFix : ContractFix<TypeDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN001");

    private protected override Edit? Fix(TypeDeclarationSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator) => new(
        $"Make '{node.Identifier.ValueText}' partial",
        (TypeDeclarationSyntax)generator.WithModifiers(node, generator.GetModifiers(node).WithPartial(true)));
}
