using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Unrelated edits generate nothing, and an edit of one contract does not generate another.</summary>
public sealed class CachingTests
{
    private const string Orders = """
        [AmqpRpc]
        public partial interface IOrders
        {
            Task<Order> FindAsync(int id, CancellationToken ct);
        }
        """;

    private const string Order = """
        public class Order { [Required] public string Name { get; set; } = ""; public int Total() { return 1; } }
        [JsonSerializable(typeof(Order))] public partial class Json : JsonSerializerContext;
        """;

    private const string Names = "[AmqpRpc] public partial interface INames { Task<string> NameAsync(Order o, CancellationToken ct); }";

    [Theory]
    [InlineData(1, Orders + "\n// a comment\n")]
    [InlineData(1, "// another\n" + Orders)]
    [InlineData(2, Order + "\nclass Unrelated { int N => 1; }")]
    [InlineData(2, """
        public class Order { [Required] public string Name { get; set; } = ""; public int Total() { return 2; } }
        [JsonSerializable(typeof(Order))] public partial class Json : JsonSerializerContext;
        """)]
    public void Unrelated_edits_generate_nothing(int file, string edited) => Steps.AssertCached(Edit(file, edited));

    [Fact]
    public void An_edit_of_one_contract_leaves_the_others()
    {
        GeneratorRunResult result = Edit(1, Orders.Replace("FindAsync", "SeekAsync", StringComparison.Ordinal));
        Assert.Equal(
            [IncrementalStepRunReason.Cached, IncrementalStepRunReason.Modified],
            Steps.Reasons(result, RpcGenerator.Steps.Files).OrderDescending());
    }

    [Fact]
    public void A_new_file_leaves_all_contracts()
    {
        (GeneratorRun run, CSharpCompilation compilation) = Run();
        compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other;", Compile.ParseOptions, "/test/Other.cs", cancellationToken: TestContext.Current.CancellationToken));
        Steps.AssertCached(GeneratorTest.Result(run.Driver.RunGenerators(compilation, TestContext.Current.CancellationToken)));
    }

    private static GeneratorRunResult Edit(int file, string edited)
    {
        (GeneratorRun run, CSharpCompilation compilation) = Run();
        SyntaxTree before = compilation.SyntaxTrees[file];
        compilation = compilation.ReplaceSyntaxTree(before, CSharpSyntaxTree.ParseText(edited, Compile.ParseOptions, before.FilePath));
        return GeneratorTest.Result(run.Driver.RunGenerators(compilation));
    }

    private static (GeneratorRun Run, CSharpCompilation Compilation) Run()
    {
        CSharpCompilation compilation = Compile.Of(Orders, Order, Names);
        return (GeneratorTest.Generate(compilation), compilation);
    }
}
