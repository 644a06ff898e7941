using System.Text.RegularExpressions;

namespace RpcGen.Tests.Documentation;

/// <summary>The figures of docs/choosing.md are those of docs/performance.md.</summary>
public sealed partial class ChoosingPageTests
{
    /// <summary>The columns of the comparison in docs/performance.md that the page repeats, by their position behind the name.</summary>
    private static readonly int[] Columns = [0, 1, 2, 4];

    [Theory]
    [InlineData("RpcGen", "rpcgen")]
    [InlineData("RpcGen, one message per call", "rpcgen-single")]
    [InlineData("RpcGen on a quorum queue", "rpcgen-quorum")]
    [InlineData("gRPC", "grpc")]
    [InlineData("StreamJsonRpc", "streamjsonrpc")]
    [InlineData("MassTransit", "masstransit")]
    [InlineData("NATS", "nats")]
    public void Figures_are_the_measured_ones(string name, string peer)
    {
        string[] measured = Cells("docs/performance.md", peer);

        Assert.Equal(Columns.Select(column => measured[column]), Cells("docs/choosing.md", name));
    }

    /// <summary>The cells of the row of figures with a name.</summary>
    private static string[] Cells(string page, string name) => Assert.Single(
        RepositoryFiles.Read(page).Split('\n').Where(line => line.StartsWith($"| {name} | ", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries)[2..^1]),
        cells => Figure().IsMatch(cells[0]));

    [GeneratedRegex(@"^[\d.]+k?$")]
    private static partial Regex Figure();
}
