using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Removes an attribute that has no effect.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveAttributeFix : ContractFix<MemberDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN040", "RPCGEN060");

    private protected override Edit? Fix(MemberDeclarationSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator)
    {
        AttributeSyntax? attribute = node.AttributeLists
            .SelectMany(list => list.Attributes)
            .FirstOrDefault(candidate => candidate.Span == diagnostic.Location.SourceSpan);
        if (attribute?.Parent is not AttributeListSyntax list)
        {
            return null;
        }

        string title = $"Remove [{attribute.Name}]";
        if (list.Attributes.Count > 1)
        {
            return new Edit(title, node.ReplaceNode(list, list.WithAttributes(list.Attributes.Remove(attribute))));
        }

        SyntaxTriviaList leading = node.GetLeadingTrivia();
        bool isFirst = node.AttributeLists[0] == list;
        MemberDeclarationSyntax without = node.WithAttributeLists(node.AttributeLists.Remove(list));
        return new Edit(title, isFirst ? without.WithLeadingTrivia(leading) : without);
    }
}
