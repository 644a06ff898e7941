using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>The base of fixes that change only the declaration at which the diagnostic is reported.</summary>
/// <typeparam name="TNode">The kind of declaration.</typeparam>
public abstract class ContractFix<TNode> : CodeFixProvider
    where TNode : SyntaxNode
{
    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            TNode? node = root?.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<TNode>();
            if (node is null || model is null || Fix(node, model, diagnostic, SyntaxGenerator.GetGenerator(context.Document)) is not { } edit)
            {
                continue;
            }

            context.RegisterCodeFix(
                CodeAction.Create(
                    edit.Title,
                    _ => Task.FromResult(context.Document.WithSyntaxRoot(root!.ReplaceNode(node, edit.Changed))),
                    equivalenceKey: GetType().Name),
                diagnostic);
        }
    }

    /// <summary>The edit to offer; null if there is no single right edit.</summary>
    private protected abstract Edit? Fix(TNode node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator);

    /// <summary>The type's name, fully qualified if it is not imported. The name of an attribute loses <c>Attribute</c>.</summary>
    private protected static NameSyntax TypeName(INamedTypeSymbol type, SemanticModel model, int position)
    {
        bool isKnown = model.LookupNamespacesAndTypes(position, name: type.Name).Any(found => SymbolEqualityComparer.Default.Equals(found, type));
        string name = isKnown ? type.Name : type.ContainingNamespace.ToDisplayString() + "." + type.Name;
        const string attribute = "Attribute";
        return SyntaxFactory.ParseName(name.EndsWith(attribute, StringComparison.Ordinal) ? name.Substring(0, name.Length - attribute.Length) : name);
    }

    /// <summary>An edit: its title, and the node that replaces the declaration.</summary>
    private protected sealed record Edit(string Title, TNode Changed);
}
