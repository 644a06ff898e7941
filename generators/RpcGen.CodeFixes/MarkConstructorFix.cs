using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Marks the constructor that JSON has to call.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MarkConstructorFix : ContractFix<TypeDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN045", "RPCGEN056");

    private protected override Edit? Fix(TypeDeclarationSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator)
    {
        if (JsonAttributes.EditOf(diagnostic) != "JsonConstructor" || !diagnostic.Properties.TryGetValue("Parameters", out string? parameters))
        {
            return null;
        }

        List<ConstructorDeclarationSyntax> found = [.. node.Members.OfType<ConstructorDeclarationSyntax>()
            .Where(constructor => string.Join(",", constructor.ParameterList.Parameters.Select(parameter => parameter.Identifier.ValueText)) == parameters)];
        return found.Count == 1 ? new Edit("Add [JsonConstructor]", node.ReplaceNode(found[0], JsonAttributes.Add(found[0], "JsonConstructor"))) : null;
    }
}
