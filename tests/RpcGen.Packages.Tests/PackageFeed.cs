using System.IO.Compression;
using System.Reflection;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.Packages.Tests;

/// <summary>
/// The packages as <c>dotnet pack</c> creates them, in a folder that serves as a feed, with a version that is not cached
/// anywhere, and a folder for projects that use them. Deleted at the end.
/// </summary>
public sealed class PackageFeed : IAsyncLifetime
{
    private readonly string _root = Path.Combine(
        Environment.GetEnvironmentVariable("RPCGEN_TEST_TEMP") ?? Path.GetTempPath(), $"rpcgen-packages-{Guid.NewGuid():N}"[..24]);

    /// <summary>The version of all packages.</summary>
    public string Version { get; } = $"0.1.0-test.{Guid.NewGuid():N}"[..23];

    /// <summary>The folder of the packages.</summary>
    public string Folder => Path.Combine(_root, "feed");

    /// <summary>The machine's folder of restored packages.</summary>
    public string MachinePackages { get; } = typeof(PackageFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "PackageRoot").Value!;

    /// <summary>The file of a package.</summary>
    public string File(string id, string extension = "nupkg") => Path.Combine(Folder, $"{id}.{Version}.{extension}");

    /// <summary>The files of a package, without those that every package has.</summary>
    public string[] Entries(string id, string extension = "nupkg")
    {
        using ZipArchive package = ZipFile.OpenRead(File(id, extension));
        return [.. package.Entries.Select(entry => entry.FullName)
            .Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml")
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The content of a file of a package.</summary>
    public byte[] Read(string id, string entry, string extension = "nupkg")
    {
        using ZipArchive package = ZipFile.OpenRead(File(id, extension));
        using Stream stream = (package.GetEntry(entry) ?? throw new InvalidOperationException($"{id} has no {entry}.")).Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>A new folder in which projects restore from the feed and the machine's sources.</summary>
    public string CreateFolder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    public async ValueTask InitializeAsync()
    {
        CreateFolder("feed");
        (await Tool.RunAsync(
            Repository.Root, "dotnet", "pack", "RpcGen.sln", "--no-build", "-c", Repository.Configuration, $"-p:PackageVersion={Version}", "-o", Folder))
            .AssertSuccess();

        // Packages come from the machine's cache if possible. New ones go into a separate folder; otherwise each run
        // would leave its version in the cache.
        await System.IO.File.WriteAllTextAsync(Path.Combine(_root, "Directory.Build.props"), $"""
            <Project>
              <PropertyGroup>
                <RpcGenVersion>{Version}</RpcGenVersion>
                <RestoreAdditionalProjectSources>{Folder}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Path.Combine(_root, "packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{MachinePackages}</RestoreFallbackFolders>
                <NuGetAudit>false</NuGetAudit>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
            </Project>
            """);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }
}
