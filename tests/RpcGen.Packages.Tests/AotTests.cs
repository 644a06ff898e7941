using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.Packages.Tests;

/// <summary>A native program compiles, trims and runs without warnings.</summary>
public sealed class AotTests(PackageFeed feed, SharedRabbit broker)
{
    [Fact]
    public async Task A_native_program_calls_fails_and_validates()
    {
        Assert.SkipUnless(NativeLinker.IsInstalled, NativeLinker.Missing);
        string folder = feed.CreateFolder("aot");
        ToolOutcome publish = await Tool.RunAsync(
            Repository.Root, "dotnet", "publish", "tests/RpcGen.AotSmoke", "-c", Repository.Configuration, "-o", folder);
        publish.AssertSuccess();
        Assert.DoesNotContain("warning", publish.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.EnumerateFiles(folder, "*.dll"));

        (await ChildProcess.RunAsync(Path.Combine(folder, "RpcGen.AotSmoke"), "memory://smoke", broker.Url))
            .AssertSuccess("passed on memory", "passed on amqp");
    }
}

/// <summary>What NativeAOT links with.</summary>
internal static class NativeLinker
{
    public const string Missing = "NativeAOT needs clang or gcc, and zlib's headers (test.sh installs them).";

    private static readonly string[] Names = ["clang", "gcc"];

    public static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(path => Names.Any(linker => File.Exists(Path.Combine(path, linker))));
}
