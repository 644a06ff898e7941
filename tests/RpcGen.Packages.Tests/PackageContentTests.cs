using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.Packages.Tests;

/// <summary>The content of the packages.</summary>
public sealed partial class PackageContentTests(PackageFeed feed)
{
    /// <summary>Every project under generators is packed without its dependencies, which the compiler provides.</summary>
    [Fact]
    public void The_abstractions_bring_the_compile_time_half()
    {
        string[] generators = [.. Directory.EnumerateDirectories(Repository.File("generators")).Select(folder => $"analyzers/dotnet/cs/{Path.GetFileName(folder)}.dll")];
        Assert.Contains("analyzers/dotnet/cs/RpcGen.Generators.dll", generators);
        string[] others =
        [
            "README.md",
            "RpcGen.Abstractions.nuspec",
            "buildTransitive/net10.0/RpcGen.Abstractions.props",
            "buildTransitive/net10.0/RpcGen.Abstractions.targets",
            "icon.png",
            "lib/net10.0/RpcGen.Abstractions.dll",
            "lib/net10.0/RpcGen.Abstractions.xml",
        ];
        IEnumerable<string> docs = Directory.EnumerateFiles(Repository.File("docs"), "*.md", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.File("."), file).Replace('\\', '/'));
        Assert.Contains("docs/diagnostics/RPCGEN001.md", docs); // where diagnostics link to
        Assert.Equal(generators.Concat(others).Concat(docs).Order(StringComparer.Ordinal), feed.Entries("RpcGen.Abstractions"));
    }

    [Fact]
    public void The_runtime_is_a_library() =>
        Assert.Equal(["README.md", "RpcGen.nuspec", "icon.png", "lib/net10.0/RpcGen.dll", "lib/net10.0/RpcGen.xml"], feed.Entries("RpcGen"));

    [Theory]
    [InlineData("RpcGen.AspNetCore", "RpcGen")]
    [InlineData("RpcGen.Resilience", "Microsoft.Extensions.Resilience", "Polly.Core", "RpcGen")]
    [InlineData("RpcGen.Testing", "RpcGen")]
    public void Extensions_are_libraries_on_the_runtime(string id, params string[] dependencies)
    {
        Assert.Equal(["README.md", $"{id}.nuspec", "icon.png", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], feed.Entries(id).Order(StringComparer.Ordinal));
        XElement metadata = Metadata(id);
        Assert.Equal(dependencies, metadata.Descendants(metadata.Name.Namespace + "dependency").Select(dependency => (string)dependency.Attribute("id")!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("RpcGen")]
    [InlineData("RpcGen.Abstractions")]
    [InlineData("RpcGen.AspNetCore")]
    [InlineData("RpcGen.Resilience")]
    [InlineData("RpcGen.Testing")]
    public void Symbols_lie_beside(string id)
    {
        Assert.Equal([$"{id}.nuspec", $"lib/net10.0/{id}.pdb"], feed.Entries(id, "snupkg"));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(feed.Read(id, $"lib/net10.0/{id}.pdb", "snupkg")));
        Assert.NotEmpty(symbols.GetMetadataReader().Documents);
    }

    [Theory]
    [InlineData("RpcGen")]
    [InlineData("RpcGen.Abstractions")]
    [InlineData("RpcGen.AspNetCore")]
    [InlineData("RpcGen.Resilience")]
    [InlineData("RpcGen.Testing")]
    [InlineData("RpcGen.Templates")]
    public void A_package_says_what_it_is(string id)
    {
        XElement metadata = Metadata(id);
        Assert.Equal(feed.Version, Text("version"));
        Assert.Equal("MIT", Text("license"));
        Assert.Equal("README.md", Text("readme"));
        Assert.Equal("icon.png", Text("icon"));
        Assert.NotEqual("", Text("authors"));
        Assert.NotEqual("", Text("tags"));
        Assert.NotEqual("Package Description", Text("description"));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], feed.Read(id, "icon.png")[..4]);
        Assert.NotEmpty(feed.Read(id, "README.md"));

        string Text(string name) => metadata.Element(metadata.Name.Namespace + name)?.Value ?? "";
    }

    /// <summary>RpcGen brings the generator through RpcGen.Abstractions.</summary>
    [Fact]
    public void The_runtime_hands_the_generator_on()
    {
        XElement metadata = Metadata("RpcGen");
        XElement dependency = metadata.Descendants(metadata.Name.Namespace + "dependency").Single(element => (string?)element.Attribute("id") == "RpcGen.Abstractions");
        Assert.Equal("All", (string?)dependency.Attribute("include"));
        Assert.Empty(Metadata("RpcGen.Abstractions").Descendants(metadata.Name.Namespace + "dependency"));
    }

    /// <summary>Packages use internal members of each other, so another version would fail when it runs.</summary>
    [Theory]
    [InlineData("RpcGen", "RpcGen.Abstractions")]
    [InlineData("RpcGen.AspNetCore", "RpcGen")]
    [InlineData("RpcGen.Resilience", "RpcGen")]
    [InlineData("RpcGen.Testing", "RpcGen")]
    public void Packages_depend_on_exactly_each_others_version(string id, string dependency)
    {
        XElement metadata = Metadata(id);
        XElement own = Assert.Single(metadata.Descendants(metadata.Name.Namespace + "dependency"), element => ((string)element.Attribute("id")!).StartsWith("RpcGen", StringComparison.Ordinal));
        Assert.Equal((dependency, $"[{feed.Version}]"), ((string)own.Attribute("id")!, (string)own.Attribute("version")!));
    }

    /// <summary>A higher version would not restore in an application that has a lower one of its own (NU1605).</summary>
    [Fact]
    public void The_runtime_wants_the_first_version_of_the_frameworks_packages()
    {
        XElement metadata = Metadata("RpcGen");
        XElement[] framework = [.. metadata.Descendants(metadata.Name.Namespace + "dependency").Where(element => ((string)element.Attribute("id")!).StartsWith("Microsoft.Extensions.", StringComparison.Ordinal))];
        Assert.NotEmpty(framework);
        Assert.All(framework, dependency => Assert.Equal("10.0.0", (string?)dependency.Attribute("version")));
    }

    /// <summary>The tool contains libraries of others, whose licenses want to be named.</summary>
    [Fact]
    public void The_tool_names_the_libraries_that_it_contains()
    {
        string notices = Encoding.UTF8.GetString(feed.Read("RpcGen.Cli", "THIRD-PARTY-NOTICES.txt"));
        string[] libraries = [.. feed.Entries("RpcGen.Cli").Where(entry => entry.EndsWith(".dll", StringComparison.Ordinal)).Select(entry => Path.GetFileNameWithoutExtension(entry)).Where(name => !name.StartsWith("RpcGen", StringComparison.Ordinal) && !name.EndsWith(".resources", StringComparison.Ordinal))];
        Assert.Contains("RabbitMQ.Client", libraries);
        Assert.All(libraries, library => Assert.Matches($@"(?m)^{Regex.Escape(library)} ", notices));
    }

    /// <summary>The checked compiler version is the one that the generator was built for.</summary>
    [Fact]
    public void The_oldest_compiler_is_the_one_the_generator_was_built_for()
    {
        Version wanted = feed.Entries("RpcGen.Abstractions").Where(entry => entry.StartsWith("analyzers/", StringComparison.Ordinal)).Max(entry =>
        {
            using var image = new PEReader(new MemoryStream(feed.Read("RpcGen.Abstractions", entry)));
            MetadataReader assembly = image.GetMetadataReader();
            return assembly.AssemblyReferences.Select(assembly.GetAssemblyReference)
                .Where(reference => assembly.GetString(reference.Name).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
                .Max(reference => reference.Version);
        })!;
        string targets = Encoding.UTF8.GetString(feed.Read("RpcGen.Abstractions", "buildTransitive/net10.0/RpcGen.Abstractions.targets"));
        Assert.Equal($"{wanted.Major}.{wanted.Minor}", CheckedVersion().Match(targets).Groups[1].Value);
    }

    private XElement Metadata(string id) =>
        XDocument.Load(new MemoryStream(feed.Read(id, $"{id}.nuspec"))).Root!.Elements().First();

    [GeneratedRegex("<_RpcGenCompilerApi>(.*)</_RpcGenCompilerApi>")]
    private static partial Regex CheckedVersion();
}
