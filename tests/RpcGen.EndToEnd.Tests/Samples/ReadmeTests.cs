using RpcGen.EndToEnd.Tests.Harness;
using System.Text.RegularExpressions;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>What is written for readers is true: code is the samples', links lead somewhere.</summary>
public sealed partial class ReadmeTests
{
    /// <summary>Each C# snippet is a region of a sample or an example, which is compiled. RPCGEN_ACCEPT=1 in the environment copies them.</summary>
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/interceptors.md")]
    [InlineData("docs/hosting.md")]
    public void Its_code_is_that_of_the_samples(string document)
    {
        string readme = Read(document);
        string current = Snippet().Replace(readme, match =>
            $"<!-- {match.Groups["file"]}#{match.Groups["region"]} -->\n```csharp\n{Region(match.Groups["file"].Value, match.Groups["region"].Value)}```\n");
        if (current != readme && Environment.GetEnvironmentVariable("RPCGEN_ACCEPT") == "1")
        {
            File.WriteAllText(Repository.File(document), current);
            readme = current;
        }

        Assert.Equal(current, readme);
        Assert.Equal(Snippet().Count(readme), readme.Split("```csharp").Length - 1);
        Assert.NotEqual(0, Snippet().Count(readme));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("docs/hosting.md")]
    [InlineData("docs/protocol.md")]
    [InlineData("docs/interceptors.md")]
    [InlineData("docs/telemetry.md")]
    [InlineData("docs/failures.md")]
    public void Its_links_lead_somewhere(string document)
    {
        string folder = Path.GetDirectoryName(Repository.File(document))!;
        Assert.All(
            Link().Matches(Read(document)).Select(match => match.Groups["target"].Value),
            target => Assert.True(Path.Exists(Path.Combine(folder, target)), $"{document} links to {target}, which is not there."));
    }

    /// <summary>The lines of a region, moved to the left margin.</summary>
    private static string Region(string file, string region)
    {
        string[] lines = [.. Read(file).Split('\n')
            .SkipWhile(line => line.Trim() != $"#region {region}").Skip(1)
            .TakeWhile(line => line.Trim() != "#endregion")];
        Assert.True(lines.Length > 0, $"{file} has no region '{region}'.");
        int margin = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Concat(lines.Select(line => (line.Length > 0 ? line[margin..] : line) + "\n"));
    }

    private static string Read(string path) => File.ReadAllText(Repository.File(path)).ReplaceLineEndings("\n");

    [GeneratedRegex("<!-- (?<file>[^#]+)#(?<region>[a-z]+) -->\n```csharp\n(?<code>(.*\n)*?)```\n")]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\]\((?<target>[^):#]+)\)")]
    private static partial Regex Link();
}
