namespace RpcGen.Tests.Documentation;

/// <summary>Files stay small enough to be read in one go.</summary>
public sealed class FileSizeTests
{
    private const int MaxLines = 300;
    private const int MaxMedian = 80;

    private static readonly (string Path, int Lines)[] Sources = [.. RepositoryFiles.All
        .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && !path.EndsWith(".verified.cs", StringComparison.Ordinal))
        .Select(path => (path, RepositoryFiles.Read(path).Count(character => character == '\n')))];

    [Fact]
    public void No_file_is_long() => Assert.Empty(Sources.Where(file => file.Lines > MaxLines).Select(file => $"{file.Path}: {file.Lines} lines"));

    [Theory]
    [InlineData("src/")]
    [InlineData("generators/")]
    public void Most_files_are_short(string folder)
    {
        int[] lengths = [.. Sources.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal)).Select(file => file.Lines).Order()];

        Assert.InRange(lengths[lengths.Length / 2], 1, MaxMedian);
    }
}
