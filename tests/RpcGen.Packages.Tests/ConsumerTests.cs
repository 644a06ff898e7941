using System.Text.Json;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.Packages.Tests;

/// <summary>Projects that use the packages: contracts, a server and a client in separate assemblies.</summary>
public sealed class ConsumerTests(PackageFeed feed, SharedRabbit broker)
{
    [Fact]
    public async Task Contracts_server_and_client_work_together()
    {
        string folder = CopyConsumer("consumer");
        string queue = $"t.{Guid.NewGuid():N}"[..14];
        (await Tool.RunAsync(folder, "dotnet", "build")).AssertSuccess();

        try
        {
            await using ChildProcess server = await ChildProcess.StartServerAsync("dotnet", Program(folder, "Server"), broker.Url, queue);
            (await ChildProcess.RunAsync("dotnet", Program(folder, "Client"), broker.Url, queue)).AssertSuccess(
                "books (heavy, old), 2.5 kg: shelf 3",
                "No room on shelf 9",
                "parcel.content, shelf");
        }
        finally
        {
            await broker.DeleteQueueAsync(queue);
            await broker.DeleteQueueAsync($"{queue}.local");
        }

        using JsonDocument assets = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "Contracts", "obj", "project.assets.json"), TestContext.Current.CancellationToken));
        JsonProperty library = Assert.Single(assets.RootElement.GetProperty("libraries").EnumerateObject());
        Assert.Equal($"RpcGen.Abstractions/{feed.Version}", library.Name); // contracts need nothing else
    }

    /// <summary>F# and Visual Basic cannot implement a contract, but they can derive from its base class. Warnings are errors.</summary>
    [Fact]
    public async Task Other_languages_serve_and_call()
    {
        string folder = CopyConsumer("languages", "Languages");
        (await Tool.RunAsync(folder, "dotnet", "build")).AssertSuccess();
        foreach (string language in (string[])["FSharp", "VisualBasic"])
        {
            (await ChildProcess.RunAsync("dotnet", Program(folder, language))).AssertSuccess("5 1.5 false 100");
        }
    }

    /// <summary>A project for an older framework is told by the restore, and not by errors in its code.</summary>
    [Fact]
    public async Task Older_frameworks_are_refused_by_the_restore()
    {
        string folder = Path.Combine(CopyConsumer("older"), "Contracts");
        (await Tool.RunAsync(folder, "dotnet", "restore", "-p:TargetFramework=net8.0")).AssertError("NU1202", "RpcGen.Abstractions", "net8.0");
    }

    /// <summary>Without the check, the compiler would skip the generator with a warning, and then report missing members.</summary>
    [Theory]
    [InlineData("roslyn4.7")]
    [InlineData("unknown")]
    public async Task A_compiler_too_old_for_the_generator_is_an_error(string api)
    {
        string folder = Path.Combine(CopyConsumer($"old-{api}"), "Contracts");

        ToolOutcome build = await Tool.RunAsync(folder, "dotnet", "build", $"-p:CompilerApiVersion={api}");

        build.AssertError("RPCGEN900", "Roslyn's API 4.8 or later", $"'{api}'", ".NET SDK 10");
    }

    [Fact]
    public async Task Documents_of_the_contracts_are_written_and_checked()
    {
        string folder = Path.Combine(CopyConsumer("documents"), "Contracts");
        string file = Path.Combine(folder, "Contracts.asyncapi.json");
        string tool = Repository.File("src", "RpcGen.Cli", "bin", Repository.Configuration, "net10.0", "RpcGen.Cli.dll");
        string[] build = ["build", "-p:RpcGenDocuments=asyncapi", $"-p:RpcGenDocumentsCommand=dotnet {tool}"];

        (await Tool.RunAsync(folder, "dotnet", build)).AssertSuccess();
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal("3.0.0", document.RootElement.GetProperty("asyncapi").GetString());
        Assert.NotEmpty(document.RootElement.GetProperty("operations").EnumerateObject());
        await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
        (await Tool.RunAsync(folder, "dotnet", [.. build, "--no-restore"])).AssertSuccess();
        Assert.Equal("{}", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)); // the assembly is the same, so nothing is written
        (await Tool.RunAsync(folder, "dotnet", [.. build, "--no-restore", "-p:RpcGenDocumentsCheck=true"])).AssertError("RPCGEN901", "Contracts.asyncapi.json");
    }

    /// <summary>A project that references only RpcGen: analyzers report diagnostics and read their properties.</summary>
    [Fact]
    public async Task Analyzers_come_with_the_runtime()
    {
        string folder = feed.CreateFolder("analyzed");
        await File.WriteAllTextAsync(Path.Combine(folder, "Analyzed.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <PackageReference Include="RpcGen" Version="$(RpcGenVersion)" />
              </ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "IBroken.cs"), """
            [RpcGen.AmqpRpc]
            public interface IBroken
            {
                System.Threading.Tasks.Task DoAsync(System.Threading.CancellationToken cancellationToken);
            }
            """, TestContext.Current.CancellationToken);

        (await Tool.RunAsync(folder, "dotnet", "build")).AssertError("RPCGEN001", "IBroken");

        string configuration = await File.ReadAllTextAsync(
            Directory.EnumerateFiles(Path.Combine(folder, "obj"), "*.GeneratedMSBuildEditorConfig.editorconfig", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken);
        Assert.All(
            ["PublishAot", "PublishTrimmed", "IsAotCompatible", "JsonSerializerIsReflectionEnabledByDefault"],
            property => Assert.Contains($"build_property.{property} =", configuration, StringComparison.Ordinal));
    }

    private static string Program(string folder, string name) => Path.Combine(folder, name, "bin", "Debug", "net10.0", $"{name}.dll");

    private string CopyConsumer(string name, string from = "Consumer")
    {
        string source = Repository.File("tests", "RpcGen.Packages.Tests", from);
        string target = feed.CreateFolder(name);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }
}
