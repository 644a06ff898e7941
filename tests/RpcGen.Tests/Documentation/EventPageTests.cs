using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace RpcGen.Tests.Documentation;

/// <summary>docs/events.md has every event that is logged, with its level and message, and no other.</summary>
public sealed partial class EventPageTests
{
    private static readonly Assembly[] Assemblies = [typeof(RpcConnection).Assembly, typeof(RpcProblem).Assembly];

    [Fact]
    public void The_page_has_each_event_as_it_is_logged()
    {
        string[] logged = [.. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(message => $"{message.EventId} {(message.Level == LogLevel.None ? "as the event" : message.Level)} {message.Message}")];
        string[] documented = [.. Row().Matches(RepositoryFiles.Read("docs/events.md")).Select(row => $"{row.Groups["id"]} {row.Groups["level"]} {row.Groups["message"]}")];

        Assert.NotEmpty(logged);
        Assert.Equal(logged.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    /// <summary>The SDK's generator writes several classes of an assembly in an undefined order: two builds of the same commit would differ.</summary>
    [Fact]
    public void Each_assembly_has_its_messages_in_one_class() => Assert.All(
        RepositoryFiles.All
            .Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal) && RepositoryFiles.Read(file).Contains("[LoggerMessage(", StringComparison.Ordinal))
            .GroupBy(file => file.Split('/')[1]),
        files => Assert.Single(files));

    /// <summary>Operators filter by these numbers.</summary>
    [Fact]
    public void Each_event_says_what_to_do() =>
        Assert.All(Row().Matches(RepositoryFiles.Read("docs/events.md")), row => Assert.NotEqual("", row.Groups["advice"].Value.Trim()));

    [GeneratedRegex(@"^\| (?<id>\d+) \| (?<level>[\w ]+) \| `(?<message>[^`]+)` \| (?<advice>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
