using System.Text.RegularExpressions;

namespace RpcGen.Tests.Documentation;

/// <summary>The types, folders and files that pages for contributors name exist.</summary>
public sealed partial class CodeReferenceTests
{
    private static readonly HashSet<string> Files = [.. RepositoryFiles.All];

    private static readonly HashSet<string> Words =
    [
        .. Files.SelectMany(file => file.Split('/', '.')),
        .. Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).SelectMany(file => Word().Matches(RepositoryFiles.Read(file)).Select(match => match.Value)),
    ];

    [Theory]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("docs/architecture.md")]
    public void Names_in_code_font_exist(string page)
    {
        string[] spans = [.. CodeSpan().Matches(CodeBlock().Replace(RepositoryFiles.Read(page), "")).Select(match => match.Groups["code"].Value)];

        string[] missingFiles = [.. spans.Where(IsFile).Where(path => !Files.Any(file => file == path || file.EndsWith("/" + path, StringComparison.Ordinal)))];
        string[] missingNames = [.. spans.Where(IsName).SelectMany(name => Word().Matches(name).Select(match => match.Value)).Where(word => word.Length > 1 && !Words.Contains(word))];

        Assert.Empty(missingFiles);
        Assert.Empty(missingNames);
    }

    private static bool IsFile(string code) => SourceFile().IsMatch(code);

    private static bool IsName(string code) => Name().IsMatch(code);

    [GeneratedRegex(@"^```.*\n(.*\n)*?```$", RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^[\w./-]+\.(cs|md|sh|json)$")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"^[A-Z]\w+(<T>)?(\.[A-Z]\w+)*$")]
    private static partial Regex Name();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
