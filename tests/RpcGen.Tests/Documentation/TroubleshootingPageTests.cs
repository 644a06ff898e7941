using System.Text.RegularExpressions;

namespace RpcGen.Tests.Documentation;

/// <summary>A message on docs/troubleshooting.md is one that the code writes. Readers search for it.</summary>
public sealed partial class TroubleshootingPageTests
{
    private static readonly string Code = string.Join('\n', RepositoryFiles.All.Where(IsSource).Select(RepositoryFiles.Read));

    public static TheoryData<string> Messages => [.. Message().Matches(RepositoryFiles.Read("docs/troubleshooting.md")).Select(row => row.Groups["text"].Value)];

    /// <summary>The parts of a message between those that vary are literal texts.</summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_in_the_code(string message) => Assert.All(Parts(message), part => Assert.Contains(part, Code, StringComparison.Ordinal));

    [Fact]
    public void A_message_that_nobody_writes_is_found() => Assert.DoesNotContain(Assert.Single(Parts("The broker is tired of …")), Code, StringComparison.Ordinal);

    private static string[] Parts(string message) => message.Split('…', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool IsSource(string path) => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `(?<text>[^`]{15,})` \|", RegexOptions.Multiline)]
    private static partial Regex Message();
}
