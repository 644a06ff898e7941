using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace RpcGen.Generators.Tests.Support;

/// <summary>
/// Asserts how a fix changes marked code, one by one and all at once. Only analyzers run, without the generator.
/// </summary>
internal sealed class FixTest<TAnalyzer, TFix> : CSharpCodeFixTest<TAnalyzer, TFix, DefaultVerifier>
    where TAnalyzer : DiagnosticAnalyzer, new()
    where TFix : CodeFixProvider, new()
{
    private FixTest(string[] properties)
    {
        ReferenceAssemblies = new ReferenceAssemblies("net10.0"); // nothing but what is added below
        TestState.AdditionalReferences.AddRange(Compile.AllReferences);
        FixedState.AdditionalReferences.Clear();
        CompilerDiagnostics = CompilerDiagnostics.None;
        CodeFixTestBehaviors = CodeFixTestBehaviors.SkipLocalDiagnosticCheck; // a containing type's diagnostic belongs to the contract
        TestState.AnalyzerConfigFiles.Add(("/.globalconfig", "is_global = true\n" + string.Concat(properties.Select(property => $"build_property.{property} = true\n"))));
    }

    /// <summary>Asserts that a fix turns <paramref name="before"/> into <paramref name="after"/>.</summary>
    public static Task Check(string before, string after, params string[] properties) =>
        Run([Compile.GlobalUsings, before], [Compile.GlobalUsings, after], properties);

    /// <summary>Asserts that marked code is offered no fix.</summary>
    public static Task CheckNone(string code, params string[] properties) => Check(code, code, properties);

    /// <summary>Asserts how a fix changes several files.</summary>
    public static Task Run(string[] before, string[] after, params string[] properties)
    {
        var test = new FixTest<TAnalyzer, TFix>(properties);
        foreach (string file in before)
        {
            test.TestState.Sources.Add(file.ReplaceLineEndings("\n"));
        }

        foreach (string file in after)
        {
            test.FixedState.Sources.Add(file.ReplaceLineEndings("\n"));
        }

        if (before.SequenceEqual(after))
        {
            test.NumberOfIncrementalIterations = 0;
            test.NumberOfFixAllIterations = 0;
        }

        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Asserts how a fix changes the project's additional files.</summary>
    public static Task RunWithFiles(string before, string after, params (string Name, string Before, string After)[] files)
    {
        var test = new FixTest<TAnalyzer, TFix>([]);
        test.TestState.Sources.Add(Compile.GlobalUsings);
        test.TestState.Sources.Add(before);
        test.FixedState.Sources.Add(Compile.GlobalUsings);
        test.FixedState.Sources.Add(after);
        foreach ((string name, string textBefore, string textAfter) in files)
        {
            test.TestState.AdditionalFiles.Add((name, textBefore));
            test.FixedState.AdditionalFiles.Add((name, textAfter));
        }

        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    protected override ParseOptions CreateParseOptions() => Compile.ParseOptions;

    protected override CompilationOptions CreateCompilationOptions() => new CSharpCompilationOptions(
        OutputKind.DynamicallyLinkedLibrary,
        nullableContextOptions: NullableContextOptions.Enable,
        specificDiagnosticOptions: ImmutableDictionary<string, ReportDiagnostic>.Empty.Add("RPCGEN023", typeof(TFix).Name == "AddTokenFix" ? ReportDiagnostic.Info : ReportDiagnostic.Suppress));
}
