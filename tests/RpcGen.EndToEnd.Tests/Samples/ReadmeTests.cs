using RpcGen.EndToEnd.Tests.Harness;
using System.Text.RegularExpressions;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>The code in the documentation is the code of the samples.</summary>
public sealed partial class ReadmeTests
{
    /// <summary>Each C# snippet is a region of compiled code. With RPCGEN_ACCEPT=1 in the environment, the test updates the page.</summary>
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/aspnetcore.md")]
    [InlineData("docs/interceptors.md")]
    [InlineData("docs/hosting.md")]
    [InlineData("docs/getting-started.md")]
    [InlineData("docs/production.md")]
    [InlineData("docs/recipes.md")]
    [InlineData("docs/resilience.md")]
    [InlineData("docs/streams.md")]
    [InlineData("docs/native-aot.md")]
    [InlineData("docs/end-users.md")]
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

    /// <summary>The lines of a region without their common indentation.</summary>
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
}
