using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Creates compilations like those of a .NET 10 project, at the strictest warning level.</summary>
internal static class Compile
{
    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    private static readonly string TargetingPack = Metadata("TargetingPack");

    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. Directory.GetFiles(Path.Combine(TargetingPack, "ref", "net10.0"), "*.dll").Select(path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(typeof(AmqpRpcAttribute).Assembly.Location),
    ];

    /// <summary>The runtime, for code that creates clients and servers. Not referenced by default, because <see cref="Loopback"/> replaces it.</summary>
    public static MetadataReference Runtime { get; } = MetadataReference.CreateFromFile(typeof(RpcConnection).Assembly.Location);

    public static ImmutableArray<MetadataReference> AllReferences => References.Add(Runtime);

    public const string GlobalUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.ComponentModel.DataAnnotations;
        global using System.Linq;
        global using System.Text.Json;
        global using System.Text.Json.Serialization;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using RpcGen;
        """;

    /// <summary>A compilation of the given files, with warnings as errors.</summary>
    public static CSharpCompilation Of(params string[] sources) => CSharpCompilation.Create(
        "Test",
        sources.Prepend(GlobalUsings).Select((source, i) => CSharpSyntaxTree.ParseText(source, ParseOptions, path: $"/test/File{i}.cs")),
        References,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions: NullableContextOptions.Enable,
            generalDiagnosticOption: ReportDiagnostic.Error,
            warningLevel: 9999,
            allowUnsafe: true));

    /// <summary>The same files under another version of C#.</summary>
    public static CSharpCompilation As(this CSharpCompilation compilation, LanguageVersion version) => compilation
        .RemoveAllSyntaxTrees()
        .AddSyntaxTrees(compilation.SyntaxTrees.Select(tree => tree.WithRootAndOptions(tree.GetRoot(), ParseOptions.WithLanguageVersion(version))));

    /// <summary>The compiler's warnings and errors. Snippets, unlike generated code, need no documentation (CS1591).</summary>
    public static IEnumerable<Diagnostic> Complaints(this Compilation compilation) => compilation.GetDiagnostics().Where(diagnostic =>
        diagnostic.Severity >= DiagnosticSeverity.Warning &&
        !diagnostic.IsSuppressed &&
        !(diagnostic.Id == "CS1591" && diagnostic.Location.SourceTree!.FilePath.StartsWith("/test/", StringComparison.Ordinal)));

    /// <summary>A driver with RpcGen's generator and System.Text.Json's.</summary>
    public static CSharpGeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new RpcGenerator().AsSourceGenerator(), .. SystemTextJson],
        parseOptions: ParseOptions,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static string Metadata(string key) =>
        typeof(Compile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    private static readonly ImmutableArray<ISourceGenerator> SystemTextJson =
    [
        .. new AnalyzerFileReference(Path.Combine(TargetingPack, "analyzers", "dotnet", "cs", "System.Text.Json.SourceGeneration.dll"), AnalyzerLoader.Instance)
            .GetGenerators(LanguageNames.CSharp),
    ];
}
