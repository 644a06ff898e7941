namespace RpcGen.Tests.Documentation;

/// <summary>Readers find each page of docs: in the README, and in the contents of the site.</summary>
public sealed class PageListTests
{
    public static TheoryData<string> Pages => [.. RepositoryFiles.Pages
        .Where(path => Path.GetDirectoryName(path) == "docs")
        .Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_is_listed(string page)
    {
        Assert.Contains($"(docs/{page})", RepositoryFiles.Read("README.md"), StringComparison.Ordinal);
        Assert.Contains($"href: ../{page}\n", RepositoryFiles.Read("docs/site/toc.yml"), StringComparison.Ordinal);
    }
}
