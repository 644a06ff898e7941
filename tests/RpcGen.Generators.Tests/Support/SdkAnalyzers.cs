using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace RpcGen.Generators.Tests.Support;

/// <summary>The analyzers of the .NET SDK, as a project with <c>AnalysisMode=All</c> and <c>IsAotCompatible</c> runs them.</summary>
internal static class SdkAnalyzers
{
    private static readonly string Folder = Compile.Metadata("SdkAnalyzers");

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
    [
        .. FromFile(Path.Combine(Folder, "Microsoft.CodeAnalysis.NetAnalyzers.dll")),
        .. FromFile(Path.Combine(Folder, "Microsoft.CodeAnalysis.CSharp.NetAnalyzers.dll")),
        .. FromFile(Compile.Metadata("TrimAnalyzers")),
    ];

    /// <summary>The severities of <c>AnalysisMode=All</c>: almost every rule is a warning.</summary>
    private static readonly ImmutableDictionary<string, ReportDiagnostic> AllRules = Severities(Path.Combine(Folder, "build", "config", "analysislevel_10_all.globalconfig"));

    private static readonly AnalyzerOptions Options = new(
        [], new ProjectOptions([("EnableAotAnalyzer", "true"), ("EnableTrimAnalyzer", "true"), ("EnableSingleFileAnalyzer", "true"), ("TargetFramework", "net10.0")]));

    /// <summary>The warnings of the analyzers, without suppressed ones. Fails if an analyzer fails.</summary>
    public static IReadOnlyList<Diagnostic> Analyze(CSharpCompilation compilation)
    {
        CompilationOptions options = compilation.Options
            .WithSyntaxTreeOptionsProvider(new Rules())
            .WithGeneralDiagnosticOption(ReportDiagnostic.Default);
        ImmutableArray<Diagnostic> found = compilation
            .WithOptions(options)
            .WithAnalyzers(Analyzers, Options)
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken)
            .GetAwaiter()
            .GetResult();
        GeneratorTest.AssertNone(found.Where(diagnostic => diagnostic.Id == "AD0001"));
        return [.. found.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && !diagnostic.IsSuppressed)];
    }

    private static ImmutableArray<DiagnosticAnalyzer> FromFile(string path)
    {
        var reference = new AnalyzerFileReference(path, AnalyzerLoader.Instance);
        reference.AnalyzerLoadFailed += (_, failure) => throw new InvalidOperationException($"{path}: {failure.Message}", failure.Exception);
        return reference.GetAnalyzers(LanguageNames.CSharp);
    }

    private static ImmutableDictionary<string, ReportDiagnostic> Severities(string path) =>
        AnalyzerConfigSet.Create<AnalyzerConfig[]>([AnalyzerConfig.Parse(SourceText.From(File.ReadAllText(path)), path)]).GlobalConfigOptions.TreeOptions;

    /// <summary>The severities of a project's configuration.</summary>
    private sealed class Rules : SyntaxTreeOptionsProvider
    {
        public override GeneratedKind IsGenerated(SyntaxTree tree, CancellationToken cancellationToken) => GeneratedKind.Unknown;

        public override bool TryGetDiagnosticValue(SyntaxTree tree, string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity)
        {
            severity = ReportDiagnostic.Default;
            return false;
        }

        public override bool TryGetGlobalDiagnosticValue(string diagnosticId, CancellationToken cancellationToken, out ReportDiagnostic severity) =>
            AllRules.TryGetValue(diagnosticId, out severity);
    }
}
