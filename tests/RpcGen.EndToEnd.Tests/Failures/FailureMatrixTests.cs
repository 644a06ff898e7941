using RpcGen.EndToEnd.Tests.Harness;
using System.Text.RegularExpressions;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Every row of docs/failures.md is covered by a test, which failure-matrix.md names.</summary>
public sealed partial class FailureMatrixTests
{
    private static readonly Row[] Documented = Read("docs/failures.md");
    private static readonly Row[] Covered = Read("tests/RpcGen.EndToEnd.Tests/Failures/failure-matrix.md");

    [Fact]
    public void Every_documented_row_has_one_entry_in_the_matrix()
    {
        Assert.True(Documented.Length > 60, $"Only {Documented.Length} rows were found in docs/failures.md.");
        Assert.Equal(Documented.Select(row => row.Key), Covered.Select(row => row.Key));
        Assert.Equal(Covered.Length, Covered.DistinctBy(row => row.Key).Count());
    }

    [Fact]
    public void Every_entry_names_tests_that_exist()
    {
        var tests = typeof(FailureMatrixTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods()
                .Where(method => method.IsDefined(typeof(FactAttribute), inherit: false))
                .Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet(StringComparer.Ordinal);

        Assert.All(Covered, row =>
        {
            string[] named = [.. TestName().Matches(row.Rest).Select(match => match.Groups[1].Value)];
            Assert.NotEmpty(named);
            Assert.DoesNotContain(named, name => !tests.Contains(name));
        });
    }

    /// <summary>The rows of all tables whose first column is "What happens".</summary>
    private static Row[] Read(string path)
    {
        var rows = new List<Row>();
        string section = "";
        bool isInTable = false;
        foreach (string line in File.ReadLines(Repository.File(path)))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
            }

            bool isHeader = line.StartsWith("| What happens |", StringComparison.Ordinal);
            bool isRow = isInTable && line.StartsWith("| ", StringComparison.Ordinal);
            if (isRow)
            {
                string[] cells = line.Trim('|', ' ').Split(" | ", count: 2);
                rows.Add(new Row($"{section}: {Link().Replace(cells[0], "$1").Trim()}", cells.ElementAtOrDefault(1) ?? ""));
            }

            isInTable = isHeader || (isInTable && line.StartsWith('|'));
        }

        return [.. rows];
    }

    [GeneratedRegex("`([A-Za-z]+[.][A-Za-z0-9_]+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();

    /// <param name="Key">The section and what happens.</param>
    /// <param name="Rest">The other columns.</param>
    private sealed record Row(string Key, string Rest);
}
