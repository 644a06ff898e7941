using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace RpcGen.CodeFixes;

/// <summary>Makes a method return a task of its result, and a one-way method a task without a result.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ReturnTaskFix : ContractFix<MethodDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN004", "RPCGEN005", "RPCGEN035");

    private protected override Edit? Fix(MethodDeclarationSyntax node, SemanticModel model, Diagnostic diagnostic, SyntaxGenerator generator)
    {
        if (diagnostic.Id == "RPCGEN035")
        {
            return WithoutResult(node);
        }

        if (model.GetDeclaredSymbol(node) is not { ReturnsByRef: false, ReturnsByRefReadonly: false } method ||
            model.Compilation.GetTypeByMetadataName("System.Threading.Tasks.Task") is not { } task ||
            method.ReturnType.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer ||
            method.ReturnType.IsRefLikeType ||
            IsAsynchronous(method.ReturnType))
        {
            return null;
        }

        string name = TypeName(task, model, node.SpanStart).ToString();
        string type = method.ReturnsVoid ? name : $"{name}<{node.ReturnType.WithoutTrivia()}>";
        return new Edit($"Return {type}", node.WithReturnType(SyntaxFactory.ParseTypeName(type).WithTriviaFrom(node.ReturnType)));
    }

    private static Edit? WithoutResult(MethodDeclarationSyntax node)
    {
        GenericNameSyntax? generic = node.ReturnType as GenericNameSyntax ?? (node.ReturnType as QualifiedNameSyntax)?.Right as GenericNameSyntax;
        return generic is null ? null : new Edit(
            $"Return {generic.Identifier.ValueText}",
            node.ReplaceNode(generic, SyntaxFactory.IdentifierName(generic.Identifier).WithTriviaFrom(generic)));
    }

    /// <summary>Whether the type is awaitable, so that there is no single right task.</summary>
    private static bool IsAsynchronous(ITypeSymbol type) => type.GetMembers("GetAwaiter").Length > 0;
}
