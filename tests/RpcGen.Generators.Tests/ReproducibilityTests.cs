using System.Xml.Linq;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>
/// The compiler gives the same file for the same sources in the same order. What would break that is a package that adds
/// sources to the generator in an order of its own, which docs/generator.md tells how to try.
/// </summary>
public sealed class ReproducibilityTests
{
    [Theory]
    [InlineData("RpcGen.Generators")]
    [InlineData("RpcGen.CodeFixes")]
    public void No_package_adds_sources(string project)
    {
        string path = Path.Combine(Compile.Metadata("ProjectDirectory"), "..", "..", "generators", project, project + ".csproj");
        Assert.All(
            XDocument.Load(path).Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value),
            package => Assert.StartsWith("Microsoft.CodeAnalysis.", package, StringComparison.Ordinal));
    }
}
