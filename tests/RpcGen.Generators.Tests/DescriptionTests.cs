using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests how contracts describe themselves at run time.</summary>
public sealed class DescriptionTests
{
    [Fact]
    public void Names_versions_parameters_and_results() => Snapshot.Match(Loopback.Run("""
        [assembly: System.Reflection.AssemblyVersion("2.1.0.0")]

        public static partial class Outer
        {
            [AmqpRpc("orders")]
            public partial interface IOrders
            {
                Task<List<string>> FindAsync(int id, string? hint, bool all = false, CancellationToken ct = default, params string[] rest);
                [RpcOneWay] Task ForgetAsync(CancellationToken ct);
            }
        }

        public static class Test
        {
            public static async Task<object> Run()
            {
                await Task.Yield();
                RpcGen.Generated.RpcContract contract = Describe<Outer.IOrders>();
                return new List<string>
                {
                    $"{contract.Name} {contract.Version} {contract.Queue}",
                }.Concat(Loopback.Methods<Outer.IOrders>().Select(method =>
                    $"{method.ResultTypeInfo?.Type.Name} {method.Name}({string.Join(", ", method.Parameters.Select(p => $"{p.TypeInfo.Type.Name} {p.Name}{(p.IsRequired ? "" : "?")}"))})"));
            }

            private static RpcGen.Generated.RpcContract Describe<T>() where T : class, IRpcContract<T> => T.DescribeContract();
        }
        """));

    [Theory]
    [InlineData("")]
    [InlineData("[assembly: System.Reflection.AssemblyVersion(\"0.0.0.0\")]")]
    public void A_missing_version_is_left_out(string attribute)
    {
        string code = GeneratorTest.Run(attribute, "[AmqpRpc] public partial interface IOrders { Task A(CancellationToken ct); }").Values.Single();
        Assert.Contains("Name = \"IOrders\",", code, StringComparison.Ordinal);
        Assert.DoesNotContain("Version =", code, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_from_the_clock_is_left_out()
    {
        CSharpCompilation compilation = Compile.Of("[assembly: System.Reflection.AssemblyVersion(\"1.0.*\")]", "[AmqpRpc] public partial interface IOrders { Task A(CancellationToken ct); }");
        string code = GeneratorTest.Generate(compilation.WithOptions(compilation.Options.WithDeterministic(false))).Files.Values.Single();
        Assert.DoesNotContain("Version =", code, StringComparison.Ordinal);
    }
}
