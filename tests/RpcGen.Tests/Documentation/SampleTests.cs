namespace RpcGen.Tests.Documentation;

/// <summary>Each sample has a page, which the list of samples names.</summary>
public sealed class SampleTests
{
    /// <summary>Code that samples share.</summary>
    private const string Shared = "samples/Shared";

    private static readonly string[] Samples =
        [.. RepositoryFiles.All.Where(path => path.StartsWith("samples/", StringComparison.Ordinal) && path.Count(c => c == '/') > 1).Select(path => string.Join('/', path.Split('/')[..2])).Distinct()];

    [Fact]
    public void Each_sample_has_a_page_that_is_listed()
    {
        string list = RepositoryFiles.Read("samples/README.md");

        Assert.All(Samples.Where(sample => sample != Shared), sample =>
        {
            Assert.True(File.Exists(RepositoryFiles.Full($"{sample}/README.md")), $"{sample} has no README.md");
            Assert.Contains($"({Path.GetFileName(sample)}/README.md)", list, StringComparison.Ordinal);
        });
    }
}
