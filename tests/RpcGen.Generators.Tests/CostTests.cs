using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>What the generator costs, with 200 contracts of 10 methods. docs/generator.md has figures and the command.</summary>
public sealed class CostTests
{
    /// <summary>Explicit, for it measures time: on a busy machine it takes minutes and means nothing.</summary>
    [Fact(Explicit = true)]
    public void Generating_takes_less_time_than_compiling_even_what_it_is_given()
    {
        string[] sources = ManyContracts.Sources();
        double without = double.MaxValue, generating = double.MaxValue, with = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            without = Math.Min(without, Emit(Compilation(sources.Select(source => source.Replace("[AmqpRpc]", "", StringComparison.Ordinal)))));
            GeneratorDriver driver = CSharpGeneratorDriver
                .Create([new RpcGenerator().AsSourceGenerator()], parseOptions: Compile.ParseOptions)
                .RunGeneratorsAndUpdateCompilation(Compilation(sources), out Compilation output, out _, TestContext.Current.CancellationToken);
            generating = Math.Min(generating, driver.GetTimingInfo().GeneratorTimes.Single().ElapsedTime.TotalMilliseconds);
            with = Math.Min(with, Emit(output));
        }

        TestContext.Current.SendDiagnosticMessage(
            $"compiler without generated code {without:F0} ms, generator {generating:F0} ms ({generating / without:P0}), compiler with generated code {with:F0} ms ({with / without:F1} times)");
        Assert.True(generating < without);
    }

    [Fact]
    public void A_contract_of_ten_methods_becomes_a_file_that_can_be_read()
    {
        string[] source = [ManyContracts.Sources()[0]];
        string code = GeneratorTest.Run(source).Values.Single();
        Assert.InRange(code.Count(c => c == '\n'), 1, 700);
    }

    private static CSharpCompilation Compilation(IEnumerable<string> sources) => Compile.Of([.. sources])
        .WithOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private static double Emit(Compilation compilation)
    {
        var watch = Stopwatch.StartNew();
        Assert.True(compilation.Emit(Stream.Null, cancellationToken: TestContext.Current.CancellationToken).Success);
        return watch.Elapsed.TotalMilliseconds;
    }
}
