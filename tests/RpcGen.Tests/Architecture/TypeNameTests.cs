using System.Text.RegularExpressions;
using RpcGen.Tests.Documentation;

namespace RpcGen.Tests.Architecture;

/// <summary>A name stands for one type: a reader who searches for it finds one place.</summary>
public sealed partial class TypeNameTests
{
    private static readonly (string Name, string Space, string Path)[] Types = [.. RepositoryFiles.All
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && !path.EndsWith(".verified.cs", StringComparison.Ordinal))
        .SelectMany(Declared)];

    [Theory]
    [InlineData("src/RpcGen/")]
    [InlineData("src/RpcGen.Abstractions/")]
    [InlineData("generators/")]
    public void Types_of_a_project_have_names_of_their_own(string folder) =>
        Assert.Empty(Repeated(Types.Where(type => type.Path.StartsWith(folder, StringComparison.Ordinal))));

    [Fact]
    public void Test_classes_have_names_of_their_own_in_all_projects() => Assert.Empty(Repeated(Types.Where(
        type => type.Path.StartsWith("tests/", StringComparison.Ordinal) && type.Name.EndsWith("Tests", StringComparison.Ordinal))));

    /// <summary>Parts of one type are in one namespace, as are a type and its generic form.</summary>
    private static IEnumerable<string> Repeated(IEnumerable<(string Name, string Space, string Path)> types)
    {
        ILookup<string, (string Name, string Space, string Path)> byName = types.ToLookup(type => type.Name);
        Assert.NotEmpty(byName);
        return byName
            .Where(same => same.DistinctBy(type => type.Space).Skip(1).Any())
            .Select(same => $"{same.Key}: {string.Join(", ", same.Select(type => type.Path))}");
    }

    private static IEnumerable<(string Name, string Space, string Path)> Declared(string path)
    {
        string text = RepositoryFiles.Read(path);
        string space = Namespace().Match(text).Groups[1].Value;
        return Declaration().Matches(text).Select(match => ($"{match.Groups[1].Value}{(match.Groups[2].Success ? "<>" : "")}", space, path));
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:public|internal)[\w ]*? (?:class|struct|interface|enum|record(?: struct)?) (\w+)(<)?", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
