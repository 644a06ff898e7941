using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.Packages.Tests;

/// <summary>The options of the template, installed from its package, apart from the user's templates. <see cref="FirstAnswerTests"/> uses it without options.</summary>
public sealed class TemplateTests(PackageFeed feed)
{
    /// <summary>A name that is not a valid namespace.</summary>
    private const string Name = "my-shop";

    /// <summary>What the options add. Warnings, such as those of the analyzers for NativeAOT, are errors in the folder of the tests.</summary>
    [Fact]
    public async Task Options_choose_the_host_and_add_tests()
    {
        string worker = await CreateAsync("worker", "--host", "worker", "--aot", "--tests");
        (await Tool.RunAsync(worker, "dotnet", "run", "--project", $"{Name}.Tests")).AssertSuccess();
        Assert.True(File.Exists(Path.Combine(worker, $"{Name}.Contracts", "ContractsJson.cs")));

        string web = await CreateAsync("web", "--host", "web", "--aot");
        (await Tool.RunAsync(web, "dotnet", "build")).AssertSuccess();
        Assert.False(Directory.Exists(Path.Combine(web, $"{Name}.Tests")));
        await AssertExplainsAsync(worker);
        await AssertExplainsAsync(web);
        await AssertRunsNativelyAsync(worker);
    }

    /// <summary>What <c>--aot</c> is for.</summary>
    private static async Task AssertRunsNativelyAsync(string solution)
    {
        Assert.SkipUnless(NativeLinker.IsInstalled, NativeLinker.Missing);
        string published = Path.Combine(solution, "published");
        (await Tool.RunAsync(solution, "dotnet", "publish", $"{Name}.Server", "-o", published)).AssertSuccess();
        Assert.Empty(Directory.EnumerateFiles(published, "*.dll"));
        Assert.Contains("Hello world!", (await ChildProcess.RunAsync(Path.Combine(published, $"{Name}.Server"), "try")).Output, StringComparison.Ordinal);
    }

    /// <summary>A broker's address that is invalid ends the server with one line.</summary>
    private static async Task AssertExplainsAsync(string solution)
    {
        string server = Path.Combine(solution, $"{Name}.Server", "bin", "Debug", "net10.0", $"{Name}.Server.dll");
        ToolOutcome outcome = await Tool.RunAsync(solution, "env", "RPC_BROKER=http://localhost", "dotnet", server);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("does not start with amqp://", Assert.Single(outcome.Output.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private async Task<string> CreateAsync(string what, params string[] options)
    {
        string folder = feed.CreateFolder(what), hive = feed.CreateFolder(what + "-hive");
        (await Tool.RunAsync(folder, "dotnet", "new", "install", feed.File("RpcGen.Templates"), "--debug:custom-hive", hive)).AssertSuccess();
        (await Tool.RunAsync(folder, "dotnet", ["new", "rpcgen", "-n", Name, "--no-update-check", "--debug:custom-hive", hive, .. options])).AssertSuccess();
        return Path.Combine(folder, Name);
    }
}
