using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Analyzers;

namespace RpcGen.Generators.Tests.Support;

/// <summary>
/// Runs the generator twice, and asserts that the second run uses the cache only. Fails on each diagnostic of generator, analyzers
/// or compiler that a test does not expect.
/// </summary>
internal static class GeneratorTest
{
    /// <summary>Advice that most snippets ignore, for brevity.</summary>
    private static readonly ImmutableHashSet<string> Advice = ["RPCGEN023", "RPCGEN024", "RPCGEN025", "RPCGEN042"];

    /// <summary>Generates, checks, and returns the generated files by hint name.</summary>
    public static ImmutableSortedDictionary<string, string> Run(params string[] sources)
    {
        GeneratorRun run = Generate(Compile.Of(sources));
        AssertNone(Analyze(run.Output).Where(diagnostic => !Advice.Contains(diagnostic.Id)));
        AssertNone(run.Output.Complaints());
        return run.Files;
    }

    /// <summary>Generates for a compilation, twice.</summary>
    public static GeneratorRun Generate(CSharpCompilation compilation)
    {
        GeneratorDriver driver = Compile.Driver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics);
        AssertNone(diagnostics);
        GeneratorRunResult first = Result(driver);
        Assert.Null(first.Exception);

        CSharpCompilation same = compilation.Clone();
        GeneratorDriver again = driver.RunGenerators(same);
        Steps.AssertCached(Result(again));
        ModelGraph.AssertPlain(first);
        return new GeneratorRun(
            (CSharpCompilation)output,
            driver,
            FilesOf(first, file => !IsFacts(file)),
            FilesOf(first, IsFacts));
    }

    private static bool IsFacts(GeneratedSourceResult file) => file.HintName.EndsWith(".Facts.g.cs", StringComparison.Ordinal);

    private static ImmutableSortedDictionary<string, string> FilesOf(GeneratorRunResult result, Func<GeneratedSourceResult, bool> which) =>
        result.GeneratedSources.Where(which).ToImmutableSortedDictionary(file => file.HintName, file => file.SourceText.ToString(), StringComparer.Ordinal);

    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } = [new ContractAnalyzer(), new JsonMetadataAnalyzer(), new TypeArgumentAnalyzer(), new EvolutionAnalyzer()];

    /// <summary>The analyzers' diagnostics, in source order.</summary>
    /// <param name="compilation">The compilation, generated code included.</param>
    /// <param name="properties">The project's properties that analyzers see.</param>
    public static IReadOnlyList<Diagnostic> Analyze(Compilation compilation, params (string Name, string Value)[] properties) =>
        Analyze(compilation, new AnalyzerOptions([], new ProjectOptions(properties)));

    public static IReadOnlyList<Diagnostic> Analyze(Compilation compilation, AnalyzerOptions options) =>
    [
        .. compilation
            .WithAnalyzers(Analyzers, options)
            .GetAnalyzerDiagnosticsAsync()
            .GetAwaiter()
            .GetResult()
            .OrderBy(diagnostic => diagnostic.Location.SourceTree?.FilePath, StringComparer.Ordinal)
            .ThenBy(diagnostic => diagnostic.Location.SourceSpan.Start)
            .ThenBy(diagnostic => diagnostic.Id, StringComparer.Ordinal),
    ];

    /// <summary>Asserts that the list is empty, and shows all diagnostics otherwise.</summary>
    public static void AssertNone(IEnumerable<Diagnostic> diagnostics)
    {
        string all = string.Join('\n', diagnostics.Select(Describe));
        Assert.True(all.Length == 0, all);
    }

    private static string Describe(Diagnostic diagnostic) =>
        $"{diagnostic} | {diagnostic.Location.SourceTree?.GetText(CancellationToken.None).Lines[diagnostic.Location.GetLineSpan().StartLinePosition.Line].ToString().Trim()}";

    public static GeneratorRunResult Result(GeneratorDriver driver) =>
        driver.GetRunResult().Results.Single(result => result.Generator.GetGeneratorType() == typeof(RpcGenerator));
}

/// <summary>The results of a run.</summary>
/// <param name="Output">The compilation with the generated files in it.</param>
/// <param name="Driver">The driver after the run, for a further one.</param>
/// <param name="Files">The generated files by hint name, without those with facts.</param>
/// <param name="Facts">The generated files with facts for descriptions, by hint name.</param>
internal sealed record GeneratorRun(
    CSharpCompilation Output, GeneratorDriver Driver, ImmutableSortedDictionary<string, string> Files, ImmutableSortedDictionary<string, string> Facts);
