using System.Text.RegularExpressions;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.Packages.Tests;

/// <summary>The single-file program on the package's page. JSON reflection is off in such programs.</summary>
public sealed partial class QuickstartTests(PackageFeed feed, SharedRabbit broker)
{
    [Fact]
    public async Task The_page_of_the_package_runs()
    {
        string readme = await File.ReadAllTextAsync(Repository.File("src", "RpcGen", "README.md"), TestContext.Current.CancellationToken);
        string program = Code().Match(readme.ReplaceLineEndings("\n")).Groups[1].Value;
        Assert.StartsWith("#:package RpcGen@*\n", program, StringComparison.Ordinal);
        string folder = feed.CreateFolder("quickstart");
        await File.WriteAllTextAsync(Path.Combine(folder, "quickstart.cs"), program.Replace("@*", $"@{feed.Version}", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Equal("fib(30) = 832040\n", (await RunAsync("quickstart.cs")).AssertSuccess().Output);

        try
        {
            Assert.Equal("fib(30) = 832040\n", (await RunAsync("--no-build", "quickstart.cs", "--", broker.Url)).AssertSuccess().Output);
        }
        finally
        {
            await broker.DeleteQueueAsync("FibonacciService");
        }

        // The SDK builds such a program in the user's data folder and does not delete it.
        Task<ToolOutcome> RunAsync(params string[] arguments) =>
            Tool.RunAsync(folder, "env", [$"XDG_DATA_HOME={Directory.CreateDirectory(Path.Combine(folder, "data"))}", "dotnet", "run", .. arguments]);
    }

    [GeneratedRegex("```csharp\n(#:package(.*\n)*?)```\n")]
    private static partial Regex Code();
}
