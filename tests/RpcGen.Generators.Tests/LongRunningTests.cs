using System.Globalization;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Methods whose calls take long.</summary>
public sealed class LongRunningTests
{
    [Fact]
    public void A_long_timeout_has_the_remedy_that_fits() => Assert.Equal(
        ["[RpcLongRunning]", "consumer_timeout"],
        GeneratorTest.Analyze(GeneratorTest.Generate(Compile.Of("""
            [AmqpRpc]
            public partial interface ILong
            {
                [RpcTimeout(int.MaxValue)] Task A(CancellationToken ct);
                [RpcOneWay, RpcTimeout(int.MaxValue)] Task B(CancellationToken ct);
            }
            """)).Output)
            .Where(diagnostic => diagnostic.Id == "RPCGEN046")
            .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)
            .Select(diagnostic => diagnostic.GetMessage(CultureInfo.InvariantCulture).Contains("[RpcLongRunning]", StringComparison.Ordinal) ? "[RpcLongRunning]" : "consumer_timeout"));

    [Fact]
    public void Long_running_methods_whose_calls_cannot_be_long() => DiagnosticTest.Check("""
        [AmqpRpc, RpcLongRunning]
        public partial interface IJobs
        {
            [RpcOneWay] Task A(CancellationToken ct);
            [RpcOneWay, {|RPCGEN060:RpcLongRunning|}] Task B(CancellationToken ct);
            [RpcBroadcast, {|RPCGEN060:RpcLongRunning|}] Task C(CancellationToken ct);
            [RpcDurable, {|RPCGEN060:RpcLongRunning|}] Task D(CancellationToken ct);
            [{|RPCGEN060:RpcLongRunning|}] IAsyncEnumerable<int> E(CancellationToken ct);
            [{|RPCGEN060:RpcLongRunning|}] Task F(IAsyncEnumerable<int> items, CancellationToken ct);
            [RpcLongRunning] Task G(IProgress<int> progress, CancellationToken ct);
            [RpcLongRunning, RpcAtMostOnce] Task H(CancellationToken ct);
            [{|RPCGEN040:RpcBatching(true)|}] Task I(CancellationToken ct);
        }

        [AmqpRpc("q", BodyStyle = RpcBodyStyle.Bare), {|RPCGEN060:RpcLongRunning|}]
        public partial interface IBare { [{|RPCGEN060:RpcLongRunning|}] Task A(int n, CancellationToken ct); }
        """);
}
