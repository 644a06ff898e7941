using System.Xml.Linq;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>All sources of the generator are in its folder. Packages that add sources could do so in a varying order.</summary>
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
