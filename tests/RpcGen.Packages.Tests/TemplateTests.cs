using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.Packages.Tests;

/// <summary>The template, installed from its package, apart from the user's templates.</summary>
public sealed class TemplateTests(PackageFeed feed, SharedRabbit broker)
{
    /// <summary>A name that is not a valid namespace.</summary>
    private const string Name = "my-shop";

    [Fact]
    public async Task A_new_solution_builds_and_runs()
    {
        string folder = feed.CreateFolder("template");
        string hive = feed.CreateFolder("hive");
        (await Tool.RunAsync(folder, "dotnet", "new", "install", feed.File("RpcGen.Templates"), "--debug:custom-hive", hive)).AssertSuccess();
        (await Tool.RunAsync(folder, "dotnet", "new", "rpcgen", "-n", Name, "--no-update-check", "--debug:custom-hive", hive)).AssertSuccess();
        string solution = Path.Combine(folder, Name);
        (await Tool.RunAsync(solution, "dotnet", "build")).AssertSuccess();

        try
        {
            await using ChildProcess server = await ChildProcess.StartServerAsync("env", [$"RPC_BROKER={broker.Url}", "dotnet", Program(solution, "Server")]);
            await AssertClientAsync("Ada", new Outcome(0, "Hello Ada!\n", ""));
            await AssertClientAsync("Mallory", new Outcome(1, "Mallory is not welcome: Not again\n", ""));
            await AssertClientAsync("", new Outcome(2, "The arguments break the contract. name: The name field is required.\n", ""));
            (await server.InterruptAsync()).AssertSuccess("ready");
        }
        finally
        {
            await broker.DeleteQueueAsync("my_shop.Contracts.Greeter");
        }

        async Task AssertClientAsync(string who, Outcome expected) =>
            Assert.Equal(expected, await ChildProcess.RunAsync("env", $"RPC_BROKER={broker.Url}", "dotnet", Program(solution, "Client"), who));
    }

    private static string Program(string solution, string part) => Path.Combine(solution, $"{Name}.{part}", "bin", "Debug", "net10.0", $"{Name}.{part}.dll");
}
