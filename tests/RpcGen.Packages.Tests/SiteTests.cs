using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.Packages.Tests;

/// <summary>The documentation site builds without a warning.</summary>
public sealed class SiteTests
{
    [Fact]
    public async Task The_site_builds_without_a_warning()
    {
        Assert.SkipUnless(Repository.Configuration == "Release", "The site describes what is built in Release.");

        (await Tool.RunAsync(Repository.Root, "bash", "docs/site/build.sh", "--no-build")).AssertSuccess();

        Assert.True(File.Exists(Repository.File("artifacts", "site", "docs", "failures.html")));
        Assert.True(File.Exists(Repository.File("artifacts", "site", "api", "RpcGen.RpcConnection.html")));
    }
}
