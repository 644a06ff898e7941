using System.Text.RegularExpressions;

namespace RpcGen.Tests.Documentation;

/// <summary>Links in Markdown pages work. Links to other sites are not followed.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. RepositoryFiles.Pages];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_point_to_existing_files_and_anchors(string page)
    {
        var text = new MarkdownPage(RepositoryFiles.Read(page));

        Assert.Empty(text.Links.Select(target => Problem(page, target)).OfType<string>());
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Pages_contain_no_path_of_a_machine(string page) =>
        Assert.Empty(MachinePath().Matches(RepositoryFiles.Read(page)).Select(match => match.Value));

    [Theory]
    [InlineData("Getting started", "getting-started")]
    [InlineData("What's `RpcGen.Client` for?", "whats-rpcgenclient-for")]
    [InlineData("Retry, and [circuit breaker](x.md)", "retry-and-circuit-breaker")]
    [InlineData("A – B", "a--b")]
    public void Anchors_follow_the_rules_of_GitHub(string heading, string anchor) => Assert.Equal(anchor, MarkdownPage.Slug(heading));

    [Fact]
    public void Repeated_headings_are_numbered_and_code_has_neither_headings_nor_links()
    {
        var page = new MarkdownPage("# A\n## A\n```sh\n# B\n[x](y)\n```\n`[x](z)` [u](v.md#w)\n");

        Assert.Equal(["a", "a-1"], page.Anchors);
        Assert.Equal(["v.md#w"], page.Links);
    }

    [Theory]
    [InlineData("docs/missing.md")]
    [InlineData("docs/failures.md#missing")]
    [InlineData("/README.md")]
    [InlineData("#missing")]
    public void A_broken_link_is_reported(string target) => Assert.NotNull(Problem("README.md", target));

    /// <summary>What is wrong with a link; null if nothing is.</summary>
    private static string? Problem(string page, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return target.StartsWith("file:", StringComparison.Ordinal) ? $"{target}: a path of a machine" : null;
        }

        if (target.StartsWith('/'))
        {
            return $"{target}: an absolute path";
        }

        string[] parts = target.Split('#', count: 2);
        string path = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0]));
        if (!Path.Exists(RepositoryFiles.Full(path)))
        {
            return $"{target}: no such file";
        }

        bool hasAnchor = parts.Length == 1 || new MarkdownPage(RepositoryFiles.Read(path)).Anchors.Contains(parts[1]);
        return hasAnchor ? null : $"{target}: no such heading";
    }

    [GeneratedRegex(@"(?<![\w./])/(home|root|work|tmp|Users|mnt)/[\w.-]+|\b[A-Z]:\\\w+|file://\S+")]
    private static partial Regex MachinePath();
}
