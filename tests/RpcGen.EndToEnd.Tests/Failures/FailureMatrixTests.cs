using RpcGen.EndToEnd.Tests.Harness;
using System.Text.RegularExpressions;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>docs/failures.md names a test for each row: they have to be there.</summary>
public sealed partial class FailureMatrixTests
{
    [Fact]
    public void Every_test_that_the_failure_matrix_names_exists()
    {
        string document = File.ReadAllText(Repository.File("docs", "failures.md"));
        var tests = typeof(FailureMatrixTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet(StringComparer.Ordinal);

        string[] named = [.. TestName().Matches(document).Select(match => match.Groups[1].Value)];

        Assert.True(named.Length > 40, $"Only {named.Length} tests are named.");
        Assert.DoesNotContain(named, name => !tests.Contains(name));
    }

    [GeneratedRegex("`([A-Za-z]+Tests[.][A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
