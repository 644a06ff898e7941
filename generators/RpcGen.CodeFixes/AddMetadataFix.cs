using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace RpcGen.CodeFixes;

/// <summary>Adds types to the project's <c>JsonSerializerContext</c>, or creates one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AddMetadataFix : CodeFixProvider
{
    private const string Json = "global::System.Text.Json.Serialization.";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN028");

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => AllOfProject.Instance;

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (TypeOf(diagnostic) is { } type)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        "Add the type to a JsonSerializerContext",
                        cancellationToken => AddAsync(context.Document, [type], cancellationToken),
                        equivalenceKey: nameof(AddMetadataFix)),
                    diagnostic);
            }
        }

        return Task.CompletedTask;
    }

    private static string? TypeOf(Diagnostic diagnostic) => diagnostic.Properties.TryGetValue("Type", out string? type) ? type : null;

    /// <summary>Adds types to the first context by name. If the project has none, creates one at the end of the document.</summary>
    private static async Task<Solution> AddAsync(Document document, IReadOnlyCollection<string> types, CancellationToken cancellationToken)
    {
        Solution solution = document.Project.Solution;
        Compilation? compilation = await document.Project.GetCompilationAsync(cancellationToken).ConfigureAwait(false);
        ClassDeclarationSyntax? context = compilation is null ? null : FindContext(compilation, cancellationToken);
        if (context is not null && solution.GetDocument(context.SyntaxTree) is { } home)
        {
            SyntaxNode root = await context.SyntaxTree.GetRootAsync(cancellationToken).ConfigureAwait(false);
            return home.WithSyntaxRoot(root.ReplaceNode(context, WithTypes(context, types))).Project.Solution;
        }

        return await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false) is CompilationUnitSyntax unit
            ? document.WithSyntaxRoot(WithNewContext(unit, types)).Project.Solution
            : solution;
    }

    private static ClassDeclarationSyntax? FindContext(Compilation compilation, CancellationToken cancellationToken) => compilation
        .GetSymbolsWithName(_ => true, SymbolFilter.Type, cancellationToken)
        .OfType<INamedTypeSymbol>()
        .Where(type => type is { TypeKind: TypeKind.Class, BaseType: { Name: "JsonSerializerContext", ContainingNamespace: { Name: "Serialization", ContainingNamespace.Name: "Json" } } } && IsAccessible(type))
        .OrderBy(type => type.ToDisplayString(), StringComparer.Ordinal)
        .SelectMany(type => type.DeclaringSyntaxReferences)
        .Select(syntax => syntax.GetSyntax(cancellationToken))
        .OfType<ClassDeclarationSyntax>()
        .FirstOrDefault(type => type.BaseList is not null);

    /// <summary>Whether generated code can access the context, so that the generator uses it.</summary>
    private static bool IsAccessible(INamedTypeSymbol? type) =>
        type is null ||
        (type is { IsFileLocal: false, IsGenericType: false, DeclaredAccessibility: Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal } &&
            IsAccessible(type.ContainingType));

    private static ClassDeclarationSyntax WithTypes(ClassDeclarationSyntax context, IEnumerable<string> types)
    {
        SyntaxTriviaList leading = context.GetLeadingTrivia();
        SyntaxTriviaList lineEnd = context.AttributeLists.Count > 0 ? context.AttributeLists.Last().GetTrailingTrivia() : SyntaxFactory.TriviaList(SyntaxFactory.ElasticLineFeed);
        AttributeListSyntax[] added = [.. types.Select(type => Attribute(type).WithTrailingTrivia(lineEnd))];
        return context
            .WithLeadingTrivia()
            .WithAttributeLists(context.WithLeadingTrivia().AttributeLists.AddRange(added))
            .WithLeadingTrivia(leading)
            .WithAdditionalAnnotations(Formatter.Annotation);
    }

    private static CompilationUnitSyntax WithNewContext(CompilationUnitSyntax unit, IEnumerable<string> types)
    {
        BaseNamespaceDeclarationSyntax? space = unit.Members.OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault();
        ClassDeclarationSyntax context = SyntaxFactory.ClassDeclaration("ContractsJsonContext")
            .AddModifiers(SyntaxFactory.Token(SyntaxKind.InternalKeyword), SyntaxFactory.Token(SyntaxKind.SealedKeyword), SyntaxFactory.Token(SyntaxKind.PartialKeyword))
            .AddBaseListTypes(SyntaxFactory.SimpleBaseType(Name(Json + "JsonSerializerContext")))
            .AddAttributeLists([.. types.Select(Attribute)])
            .WithOpenBraceToken(SyntaxFactory.Token(SyntaxKind.OpenBraceToken))
            .WithCloseBraceToken(SyntaxFactory.Token(SyntaxKind.CloseBraceToken))
            .WithAdditionalAnnotations(Formatter.Annotation);
        return space is null ? unit.AddMembers(context) : unit.ReplaceNode(space, space.AddMembers(context));
    }

    private static AttributeListSyntax Attribute(string type) => SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(
        SyntaxFactory.Attribute(
            (NameSyntax)Name(Json + "JsonSerializable"),
            SyntaxFactory.AttributeArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.AttributeArgument(SyntaxFactory.TypeOfExpression(Name(type))))))));

    /// <summary>A type name that the simplifier shortens as far as the document's usings allow.</summary>
    private static TypeSyntax Name(string name) => SyntaxFactory.ParseTypeName(name).WithAdditionalAnnotations(Simplifier.Annotation);

    /// <summary>Adds all missing types of a project to one context at once.</summary>
    private sealed class AllOfProject : FixAllProvider
    {
        public static readonly AllOfProject Instance = new();

        public override IEnumerable<FixAllScope> GetSupportedFixAllScopes() => [FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution];

        public override Task<CodeAction?> GetFixAsync(FixAllContext fixAllContext) => Task.FromResult<CodeAction?>(CodeAction.Create(
            "Add all types to a JsonSerializerContext",
            async _ =>
            {
                Solution solution = fixAllContext.Solution;
                foreach (ProjectId project in fixAllContext.Scope == FixAllScope.Solution ? solution.ProjectIds : [fixAllContext.Project.Id])
                {
                    solution = await FixAsync(fixAllContext, solution, project).ConfigureAwait(false);
                }

                return solution;
            },
            equivalenceKey: nameof(AddMetadataFix)));

        private static async Task<Solution> FixAsync(FixAllContext context, Solution solution, ProjectId id)
        {
            ImmutableArray<Diagnostic> diagnostics = context is { Scope: FixAllScope.Document, Document: { } only }
                ? await context.GetDocumentDiagnosticsAsync(only).ConfigureAwait(false)
                : await context.GetAllDiagnosticsAsync(context.Solution.GetProject(id)!).ConfigureAwait(false);
            string[] types = [.. diagnostics.Select(TypeOf).OfType<string>().Distinct(StringComparer.Ordinal).OrderBy(type => type, StringComparer.Ordinal)];
            DocumentId? first = diagnostics
                .Select(diagnostic => context.Solution.GetDocumentId(diagnostic.Location.SourceTree))
                .FirstOrDefault(found => found is not null);
            return types.Length == 0 || solution.GetDocument(first) is not { } document
                ? solution
                : await AddAsync(document, types, context.CancellationToken).ConfigureAwait(false);
        }
    }
}
