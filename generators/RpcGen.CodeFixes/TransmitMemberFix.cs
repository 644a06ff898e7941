using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Lets JSON set a member that would not arrive: by <c>[JsonInclude]</c> or <c>init</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class TransmitMemberFix : ContractFix<MemberDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN056");

    private protected override Edit? Fix(MemberDeclarationSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator) =>
        (JsonAttributes.EditOf(diagnostic), node) switch
        {
            ("JsonInclude", PropertyDeclarationSyntax or FieldDeclarationSyntax { Declaration.Variables.Count: 1 }) => new Edit("Add [JsonInclude]", JsonAttributes.Add(node, "JsonInclude")),
            ("init", PropertyDeclarationSyntax { AccessorList: { Accessors.Count: 1 } accessors } property) => new Edit("Add 'init'", property.WithAccessorList(WithInit(accessors))),
            _ => null,
        };

    private static AccessorListSyntax WithInit(AccessorListSyntax accessors)
    {
        AccessorDeclarationSyntax getter = accessors.Accessors[0];
        AccessorDeclarationSyntax init = SyntaxFactory.AccessorDeclaration(SyntaxKind.InitAccessorDeclaration)
            .WithSemicolonToken(SyntaxFactory.Token(SyntaxKind.SemicolonToken))
            .WithTrailingTrivia(getter.GetTrailingTrivia());
        return accessors.WithAccessors(SyntaxFactory.List([getter.WithTrailingTrivia(SyntaxFactory.Space), init]));
    }
}
