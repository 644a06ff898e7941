using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>What the code around a contract notices of it: warnings, reflection, links.</summary>
public sealed class SurfaceTests
{
    [Fact]
    public void A_contract_of_a_CLS_compliant_assembly_is_CLS_compliant()
    {
        GeneratorRun run = GeneratorTest.Generate(Compile.Of("""
            [assembly: CLSCompliant(true)]
            namespace Demo;
            public class Order { public int Id { get; set; } }
            [AmqpRpc(GenerateBase = true)] public partial interface IOrders { Task<Order> FindAsync(int id, CancellationToken ct); }
            """));
        GeneratorTest.AssertNone(run.Output.Complaints());
    }

    [Fact]
    public void Generated_code_binds_nothing_at_run_time()
    {
        GeneratorRun run = GeneratorTest.Generate(Compile.Of(
            "[AmqpRpc(GenerateBase = true)] public partial interface IOrders { Task<List<dynamic?>> FindAsync(dynamic id, Dictionary<string, dynamic> more, CancellationToken ct); }"));
        GeneratorTest.AssertNone(run.Output.Complaints());
        Assert.All(run.Files, file => Assert.DoesNotContain("dynamic", file.Value, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "docs/diagnostics/RPCGEN001.md")]
    [InlineData("https://example.com/rpcgen/blob/abc/", "https://example.com/rpcgen/blob/abc/docs/diagnostics/RPCGEN001.md")]
    public void A_diagnostic_links_to_its_page(string? address, string expected) => Assert.Equal(expected, HelpPages.Of("RPCGEN001", address));

    [Fact]
    public void Every_diagnostic_has_a_link() => Assert.All(
        GeneratorTest.Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics),
        rule => Assert.Equal(HelpPages.Of(rule.Id), rule.HelpLinkUri));
}
