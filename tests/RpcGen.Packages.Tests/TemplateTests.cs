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
        string solution = await CreateAsync("template");
        (await Tool.RunAsync(solution, "dotnet", "build")).AssertSuccess();
        Assert.Equal(new Outcome(0, "Hello world!\n", ""), await ChildProcess.RunAsync("dotnet", Program(solution, "Server"), "try"));
        (await ChildProcess.RunAsync("env", "RPC_BROKER=amqp://localhost:1/", "dotnet", Program(solution, "Server"))).AssertFailure("localhost:1", "-- try");

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

    /// <summary>What the options add. Warnings, such as those of the analyzers for NativeAOT, are errors in the folder of the tests.</summary>
    [Fact]
    public async Task Options_choose_the_host_and_add_tests()
    {
        string worker = await CreateAsync("worker", "--host", "worker", "--aot", "--tests");
        (await Tool.RunAsync(worker, "dotnet", "run", "--project", $"{Name}.Tests")).AssertSuccess();
        Assert.Contains("Hello world!", (await ChildProcess.RunAsync("dotnet", Program(worker, "Server"), "try")).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(worker, $"{Name}.Contracts", "ContractsJson.cs")));

        string web = await CreateAsync("web", "--host", "web", "--aot");
        (await Tool.RunAsync(web, "dotnet", "build")).AssertSuccess();
        Assert.False(Directory.Exists(Path.Combine(web, $"{Name}.Tests")));
    }

    private async Task<string> CreateAsync(string what, params string[] options)
    {
        string folder = feed.CreateFolder(what), hive = feed.CreateFolder(what + "-hive");
        (await Tool.RunAsync(folder, "dotnet", "new", "install", feed.File("RpcGen.Templates"), "--debug:custom-hive", hive)).AssertSuccess();
        (await Tool.RunAsync(folder, "dotnet", ["new", "rpcgen", "-n", Name, "--no-update-check", "--debug:custom-hive", hive, .. options])).AssertSuccess();
        return Path.Combine(folder, Name);
    }

    private static string Program(string solution, string part) => Path.Combine(solution, $"{Name}.{part}", "bin", "Debug", "net10.0", $"{Name}.{part}.dll");
}
