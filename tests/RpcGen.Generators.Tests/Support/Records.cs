using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using RpcGen.Generators.Parsing.Evolution;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Compares contracts with their records.</summary>
internal static class Records
{
    /// <summary>The lines of a contract, in ordinal order.</summary>
    public static string LinesOf(string contract, string code)
    {
        Compilation compilation = GeneratorTest.Generate(Compile.Of(code)).Output;
        return string.Join('\n', WireFacts.Of(compilation.GetTypeByMetadataName(contract)!, compilation, TestContext.Current.CancellationToken)
            .Select(fact => fact.Line)
            .Order(StringComparer.Ordinal));
    }

    /// <summary>Compares a contract with what was shipped, and describes the differences.</summary>
    public static IEnumerable<string> Compare(string code, string shipped)
    {
        Compilation output = GeneratorTest.Generate(Compile.Of(code)).Output;
        var options = new AnalyzerOptions([new RecordFile("/test/RpcContracts.Shipped.txt", shipped)], new ProjectOptions([]));
        return GeneratorTest.Analyze(output, options)
            .Select(Describe)
            .Order(StringComparer.Ordinal);
    }

    /// <summary>The message without the remedy; of a new line, its key.</summary>
    private static string Describe(Diagnostic diagnostic)
    {
        string message = diagnostic.GetMessage(CultureInfo.InvariantCulture);
        return diagnostic.Id == "RPCGEN033"
            ? $"{diagnostic.Id} {message[1..message.IndexOf(" = ", StringComparison.Ordinal)]} is new"
            : $"{diagnostic.Id} {message["The ".Length..message.IndexOf(", so", StringComparison.Ordinal)]}";
    }
}

/// <summary>A file with records.</summary>
internal sealed class RecordFile(string path, string text) : AdditionalText
{
    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
}
