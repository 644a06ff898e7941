using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace RpcGen.CodeFixes;

/// <summary>Adds new parts of contracts to <c>RpcContracts.Unshipped.txt</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RecordContractFix : CodeFixProvider
{
    private const string FileName = "RpcContracts.Unshipped.txt";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("RPCGEN033");

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => AllOfProject.Instance;

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (LineOf(diagnostic) is { } line)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Add the line to {FileName}",
                        cancellationToken => AddAsync(context.Document.Project, [line], cancellationToken),
                        equivalenceKey: nameof(RecordContractFix)),
                    diagnostic);
            }
        }

        return Task.CompletedTask;
    }

    private static string? LineOf(Diagnostic diagnostic) => diagnostic.Properties.TryGetValue("Line", out string? line) ? line : null;

    /// <summary>Adds lines in ordinal order. They replace lines with the same keys.</summary>
    private static async Task<Solution> AddAsync(Project project, IReadOnlyList<string> added, CancellationToken cancellationToken)
    {
        TextDocument? file = project.AdditionalDocuments.FirstOrDefault(document => document.Name == FileName || Path.GetFileName(document.FilePath) == FileName);
        if (file is null)
        {
            return project.AddAdditionalDocument(FileName, SourceText.From(string.Concat(added.OrderBy(line => line, StringComparer.Ordinal).Select(line => line + "\n")))).Project.Solution;
        }

        SourceText text = await file.GetTextAsync(cancellationToken).ConfigureAwait(false);
        var keys = new HashSet<string>(added.Select(Key), StringComparer.Ordinal);
        string[] kept = [.. text.Lines.Select(line => line.ToString()).Where(line => line.Trim().Length > 0 && !keys.Contains(Key(line)))];
        IEnumerable<string> comments = kept.Where(line => line[0] == '#');
        IEnumerable<string> facts = kept.Where(line => line[0] != '#').Concat(added).OrderBy(line => line, StringComparer.Ordinal);
        string all = string.Concat(comments.Concat(facts).Select(line => line + "\n"));
        return project.Solution.WithAdditionalDocumentText(file.Id, SourceText.From(all, text.Encoding));
    }

    private static string Key(string line)
    {
        int end = line.IndexOf(" = ", StringComparison.Ordinal);
        return end < 0 ? line : line.Substring(0, end);
    }

    /// <summary>Adds all lines of a project at once, because they go into one file.</summary>
    private sealed class AllOfProject : FixAllProvider
    {
        public static readonly AllOfProject Instance = new();

        public override IEnumerable<FixAllScope> GetSupportedFixAllScopes() => [FixAllScope.Document, FixAllScope.Project, FixAllScope.Solution];

        public override Task<CodeAction?> GetFixAsync(FixAllContext fixAllContext) => Task.FromResult<CodeAction?>(CodeAction.Create(
            $"Add all lines to {FileName}",
            async cancellationToken =>
            {
                Solution solution = fixAllContext.Solution;
                foreach (ProjectId id in fixAllContext.Scope == FixAllScope.Solution ? solution.ProjectIds : [fixAllContext.Project.Id])
                {
                    ImmutableArray<Diagnostic> diagnostics = fixAllContext is { Scope: FixAllScope.Document, Document: { } only }
                        ? await fixAllContext.GetDocumentDiagnosticsAsync(only).ConfigureAwait(false)
                        : await fixAllContext.GetAllDiagnosticsAsync(fixAllContext.Solution.GetProject(id)!).ConfigureAwait(false);
                    string[] lines = [.. diagnostics.Select(LineOf).OfType<string>().Distinct(StringComparer.Ordinal)];
                    if (lines.Length > 0)
                    {
                        solution = await AddAsync(solution.GetProject(id)!, lines, cancellationToken).ConfigureAwait(false);
                    }
                }

                return solution;
            },
            equivalenceKey: nameof(RecordContractFix)));
    }
}
