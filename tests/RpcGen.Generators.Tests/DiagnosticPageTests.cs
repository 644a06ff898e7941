using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Every diagnostic has a page, and the page's code does what it says.</summary>
public sealed partial class DiagnosticPageTests
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(Compile.Metadata("ProjectDirectory"), "..", "..", "docs", "diagnostics"));

    private static readonly IReadOnlyList<DiagnosticDescriptor> Rules =
        [.. GeneratorTest.Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics)];

    public static TheoryData<string> Ids => [.. Rules.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_first_code_gets_the_diagnostic_and_the_second_does_not(string id)
    {
        string page = File.ReadAllText(Path.Combine(Folder, id + ".md"));
        DiagnosticDescriptor rule = Rules.Single(rule => rule.Id == id);
        Assert.StartsWith($"# {id}: {rule.Title}\n\nSeverity: {rule.DefaultSeverity}.\n", page, StringComparison.Ordinal);
        List<string> code = [.. CodeBlock().Matches(page).Select(match => match.Groups["code"].Value)];

        if (id is "RPCGEN032" or "RPCGEN033" or "RPCGEN034")
        {
            return; // EvolutionTests covers the rules that compare with a file
        }

        Assert.Equal(2, code.Count);

        (string, string)[] properties = page.Contains("PublishAot", StringComparison.Ordinal) ? [("PublishAot", "true")] : [];
        string? compilerError = id == "RPCGEN031" ? "CS0311" : null;
        GeneratorRun bad = GeneratorTest.Generate(id == "RPCGEN044" ? Compile.Of(code[0]).As(LanguageVersion.CSharp11) : Project(code[0]));
        Assert.Equal([id], GeneratorTest.Analyze(bad.Output, properties).Select(diagnostic => diagnostic.Id).Distinct());
        GeneratorTest.AssertNone(bad.Output.Complaints().Where(diagnostic => diagnostic.Id != compilerError));

        GeneratorRun good = GeneratorTest.Generate(Project(code[1]));
        GeneratorTest.AssertNone(GeneratorTest.Analyze(good.Output, properties));
        GeneratorTest.AssertNone(good.Output.Complaints());
    }

    /// <summary>A page's code, which can start with that of another project.</summary>
    private static CSharpCompilation Project(string code)
    {
        CSharpCompilation? library = null;
        if (code.Split("// Orders.csproj") is [var before, var after])
        {
            library = Compile.Of(before).WithAssemblyName("Library");
            code = after;
        }

        CSharpCompilation project = Compile.Of(code).AddReferences(Compile.Runtime);
        return library is null ? project : project.AddReferences(library.ToMetadataReference());
    }

    [Fact]
    public void Every_rule_is_reported_and_every_page_has_a_rule()
    {
        IEnumerable<string> declared = typeof(RpcGenerator).Assembly.GetType("RpcGen.Generators.Diagnostics.Rules")!
            .GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(field => ((DiagnosticDescriptor)field.GetValue(null)!).Id)
            .Order(StringComparer.Ordinal);
        Assert.Equal(declared, Rules.Select(rule => rule.Id).Order(StringComparer.Ordinal));
        Assert.Equal(declared, Directory.GetFiles(Folder, "RPCGEN*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_index_lists_every_rule() => Assert.Equal(
        Rules.OrderBy(rule => rule.Id, StringComparer.Ordinal).Select(rule => $"| [{rule.Id}]({rule.Id}.md) | {rule.DefaultSeverity} | {rule.Title} |"),
        File.ReadAllLines(Path.Combine(Folder, "README.md")).Where(line => line.StartsWith("| [", StringComparison.Ordinal)));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
