using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Asserts which diagnostics code gets, and that they are the only ones.</summary>
internal static class DiagnosticTest
{
    /// <summary>
    /// Asserts exactly the marked diagnostics; advice that is not marked does not count. Where they keep the contract from
    /// being generated, the compiler must have nothing to add but <paramref name="compilerErrors"/>.
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
