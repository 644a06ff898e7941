using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.Packages.Tests;

/// <summary>From packages to a first answer, with nothing but the packages: the template, without a broker and on one.</summary>
public sealed class FirstAnswerTests(PackageFeed feed, SharedRabbit broker)
{
    [Fact]
    public async Task A_new_solution_answers_with_nothing_but_the_packages()
    {
        try
        {
            ToolOutcome outcome = await RunAsync($"v{feed.Version}", broker.Url);

            Assert.Equal(
                "Hello world!\nHello Ada!\nMallory is not welcome: Not again\nThe arguments break the contract. name: The name field is required.\n",
                outcome.AssertSuccess().Output);
        }
        finally
        {
            await broker.DeleteQueueAsync("my_shop.Contracts.Greeter");
        }
    }

    /// <summary>The version of a release is that of the tag, of the packages and of the sources.</summary>
    [Theory]
    [InlineData("0.1.0", "is not the tag of a version")]
    [InlineData("v9.9.9", "does not fit the version")]
    public async Task A_tag_that_does_not_fit_is_refused(string tag, string says)
    {
        ToolOutcome outcome = await Tool.RunAsync(Repository.Root, "bash", "pack.sh", tag, feed.CreateFolder("refused"));

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(says, outcome.Output, StringComparison.Ordinal);
    }

    private Task<ToolOutcome> RunAsync(params string[] arguments) => Tool.RunAsync(
        Repository.Root, "env", [$"NUGET_FALLBACK_PACKAGES={feed.MachinePackages}", "bash", "tests/first-answer.sh", "--feed", feed.Folder, .. arguments]);
}
