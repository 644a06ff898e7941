using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Asserts exactly which diagnostics code gets.</summary>
internal static class DiagnosticTest
{
    /// <summary>
    /// Asserts exactly the marked diagnostics, except that advice need not be marked. If they prevent generating the contract, the
    /// compiler must report nothing but <paramref name="compilerErrors"/>.
    /// </summary>
    public static void Check(string markup, params string[] compilerErrors)
    {
        (string code, IReadOnlyList<string> expected) = Markup.Parse(markup);
        GeneratorRun run = GeneratorTest.Generate(Compile.Of(code));
        IEnumerable<string> actual = GeneratorTest.Analyze(run.Output)
            .Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Info || markup.Contains(diagnostic.Id, StringComparison.Ordinal))
            .Select(Markup.Describe);
        Assert.Equal(expected, actual);
        Assert.Equal(compilerErrors, run.Output.Complaints().Select(diagnostic => diagnostic.Id).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The diagnostics' messages.</summary>
    public static IEnumerable<string> Messages(string code) => GeneratorTest
        .Analyze(GeneratorTest.Generate(Compile.Of(code)).Output)
        .Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Info)
        .Select(diagnostic => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture));
}
