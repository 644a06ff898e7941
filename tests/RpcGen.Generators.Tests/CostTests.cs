using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Measures the generator with 200 contracts of 10 methods. docs/generator.md has results and the command.</summary>
public sealed class CostTests
{
    /// <summary>After this many rounds, the just-in-time compiler has optimized Roslyn and the generator.</summary>
    private const int WarmingRounds = 5;
    private const int Rounds = 11;

    /// <summary>Explicit, because it measures time: on a busy machine it takes minutes and shows nothing.</summary>
    [Fact(Explicit = true)]
    public void Generating_takes_less_time_than_compiling_even_what_it_is_given()
    {
        string[] sources = ManyContracts.Sources();
        string[] plain = [.. sources.Select(source => source.Replace("[AmqpRpc]", "", StringComparison.Ordinal))];
        var without = new Times();
        var generating = new Times();
        var with = new Times();
        for (int round = 0; round < WarmingRounds + Rounds; round++)
        {
            double compiled = Milliseconds(() => Emit(Compilation(plain)));
            CSharpCompilation input = Compilation(sources);
            Collect();
            GeneratorDriver driver = CSharpGeneratorDriver
                .Create([new RpcGenerator().AsSourceGenerator()], parseOptions: Compile.ParseOptions)
                .RunGeneratorsAndUpdateCompilation(input, out Compilation output, out _, TestContext.Current.CancellationToken);
            double compiledAll = Milliseconds(() => Emit(output));
            if (round >= WarmingRounds)
            {
                without.Add(compiled);
                generating.Add(driver.GetTimingInfo().GeneratorTimes.Single().ElapsedTime.TotalMilliseconds);
                with.Add(compiledAll);
            }
        }

        TestContext.Current.SendDiagnosticMessage(
            $"compiler without generated code {without}, generator {generating} ({generating.Median / without.Median:P0}), compiler with generated code {with} ({with.Median / without.Median:F1} times)");
        Assert.True(generating.Median < without.Median);
    }

    [Fact]
    public void A_contract_of_ten_methods_becomes_a_file_that_can_be_read()
    {
        string[] source = [ManyContracts.Sources()[0]];
        string code = GeneratorTest.Run(source).Values.Single();
        Assert.InRange(code.Count(c => c == '\n'), 1, 300);
    }

    private static CSharpCompilation Compilation(IEnumerable<string> sources) => Compile.Of([.. sources])
        .WithOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private static void Emit(Compilation compilation) =>
        Assert.True(compilation.Emit(Stream.Null, cancellationToken: TestContext.Current.CancellationToken).Success);

    private static double Milliseconds(Action action)
    {
        Collect();
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>Collects garbage, so that a measurement does not include that of the previous one.</summary>
    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Measured times in milliseconds.</summary>
    private sealed class Times
    {
        private readonly List<double> _all = [];

        public double Median => _all.Order().ElementAt(_all.Count / 2);

        public void Add(double milliseconds) => _all.Add(milliseconds);

        public override string ToString() => $"{Median:F0} ms ({_all.Min():F0}–{_all.Max():F0})";
    }
}
