using System.Text.RegularExpressions;
using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests the attributes that say how requests are delivered and who can call.</summary>
public sealed class DeliveryPromiseTests
{
    [Fact]
    public void Attributes_of_method_contract_and_base_add_up() => Snapshot.Match(
        GeneratorTest.Run("""
            [RpcAuthorize("base"), RpcDurable]
            public interface IBase
            {
                Task InheritedAsync(CancellationToken ct);
            }

            [AmqpRpc("jobs"), RpcPriority(5), RpcBatching(true), RpcAuthorize("jobs"), RpcAuthorize("staff")]
            public partial interface IJobs : IBase
            {
                [RpcOneWay] Task TakenAsync(int id, CancellationToken ct);
                [RpcOneWay(Confirm = false)] ValueTask SentAsync(CancellationToken ct);
                [RpcBroadcast, RpcPriority(0)] Task ForAllAsync(CancellationToken ct);
                [RpcDurable, RpcIdempotent, RpcAuthorize("write"), RpcAuthorize("jobs")] Task KeptAsync(CancellationToken ct);
            }
            """)["IJobs.g.cs"]);

    [Theory]
    [InlineData("[AmqpRpc]", "[RpcLongRunning] Task A(CancellationToken ct);", true)]
    [InlineData("[AmqpRpc, RpcLongRunning]", "Task A(CancellationToken ct);", true)]
    [InlineData("[AmqpRpc, RpcLongRunning]", "Task A(IProgress<int>? progress, CancellationToken ct);", true)]
    [InlineData("[AmqpRpc, RpcLongRunning]", "[RpcOneWay] Task A(CancellationToken ct);", false)]
    [InlineData("[AmqpRpc, RpcLongRunning]", "[RpcDurable] Task A(CancellationToken ct);", false)]
    [InlineData("[AmqpRpc, RpcLongRunning]", "IAsyncEnumerable<int> A(CancellationToken ct);", false)]
    [InlineData("[AmqpRpc]", "Task A(CancellationToken ct);", false)]
    public void Calls_are_long_if_method_or_contract_says_so_and_they_can_be(string contract, string method, bool isLong) => Assert.Equal(
        isLong,
        GeneratorTest.Run($$"""{{contract}} public partial interface IJobs { {{method}} }""")["IJobs.g.cs"].Contains("override bool IsLongRunning => true;", StringComparison.Ordinal));

    [Fact]
    public void Without_attributes_nothing_is_overridden()
    {
        string code = GeneratorTest.Run("[AmqpRpc] public partial interface IJobs { Task AAsync(CancellationToken ct); }").Values.Single();
        Assert.DoesNotContain("override bool", code, StringComparison.Ordinal);
        Assert.DoesNotContain("Priority", code, StringComparison.Ordinal);
        Assert.DoesNotContain("Policies", code, StringComparison.Ordinal);
    }

    [Fact]
    public void Restrictions_add_up_and_a_method_can_lift_them()
    {
        string code = GeneratorTest.Run("""
            [RpcAuthorize]
            public interface IBase
            {
                Task A(CancellationToken ct);
            }

            [AmqpRpc, RpcAuthorize("staff")]
            public partial interface IJobs : IBase
            {
                Task B(CancellationToken ct);
                [RpcAuthorize, RpcAuthorize("write")] Task C(CancellationToken ct);
                [RpcAllowAnonymous] Task D(CancellationToken ct);
            }
            """)["IJobs.g.cs"];

        Assert.Equal((true, "\"staff\""), Of("A")); // what the interface that declares it says holds too
        Assert.Equal((false, "\"staff\""), Of("B"));
        Assert.Equal((true, "\"staff\", \"write\""), Of("C"));
        Assert.Equal((false, ""), Of("D"));

        (bool IsKnownOnly, string Policies) Of(string method)
        {
            string body = code[code.IndexOf($"(json, \"{method}\"", StringComparison.Ordinal)..];
            int next = body.IndexOf("(json, \"", 1, StringComparison.Ordinal);
            body = next < 0 ? body : body[..next];
            Match policies = Regex.Match(body, @"Policies \{ get; \} = \[(.*)\];");
            return (body.Contains("override bool RequiresAuthentication => true;", StringComparison.Ordinal), policies.Groups[1].Value);
        }
    }

    [Fact]
    public void Attributes_that_exclude_each_other() => DiagnosticTest.Check("""
        public class GoneException(string message) : Exception(message);

        [AmqpRpc, {|RPCGEN039:RpcPriority(10)|}, {|RPCGEN041:RpcAuthorize(" ")|}, RpcFault<GoneException>("gone"), RpcBatching(true)]
        public partial interface IJobs
        {
            [RpcOneWay, RpcTimeout(100), RpcAtMostOnce, RpcPriority(9)] ValueTask A(CancellationToken ct);
            [RpcOneWay] ValueTask<int> {|RPCGEN035:B|}(CancellationToken ct);
            [{|RPCGEN036:RpcOneWay|}, RpcBroadcast] Task<int> {|RPCGEN035:C|}(CancellationToken ct);
            [RpcBroadcast, {|RPCGEN038:RpcFault<GoneException>("gone")|}] Task D(CancellationToken ct);
            [RpcBroadcast, {|RPCGEN040:RpcBatching(true)|}] Task E(CancellationToken ct);
            [RpcBatching(true), RpcAuthorize("x"), {|RPCGEN041:RpcAuthorize(null!)|}] Task F(CancellationToken ct);
            [{|RPCGEN039:RpcPriority(255)|}] Task G(CancellationToken ct);
        }
        """);

    [Fact]
    public void Bare_bodies_require_a_reply() => DiagnosticTest.Check("""
        [AmqpRpc("q", BodyStyle = RpcBodyStyle.Bare), {|RPCGEN040:RpcBatching(true)|}, RpcDurable]
        public partial interface IJobs { [RpcBroadcast] Task {|RPCGEN037:A|}(int n, CancellationToken ct); }

        [AmqpRpc("r", BodyStyle = RpcBodyStyle.Bare)]
        public partial interface IPlain { [RpcPriority(1), {|RPCGEN040:RpcBatching(true)|}] Task A(int n, CancellationToken ct); }
        """);

    [Fact]
    public Task One_way_methods_return_nothing() => FixTest<ContractAnalyzer, ReturnTaskFix>.Check(
        """
        [AmqpRpc]
        public partial interface IJobs
        {
            // Comments stay.
            [RpcOneWay] Task<List<int>> {|RPCGEN035:A|}(CancellationToken ct);
            [RpcBroadcast] System.Threading.Tasks.ValueTask<int> {|RPCGEN035:B|}(CancellationToken ct);
            [RpcOneWay] Task C(CancellationToken ct);
            Task<int> D(CancellationToken ct);
        }
        """,
        """
        [AmqpRpc]
        public partial interface IJobs
        {
            // Comments stay.
            [RpcOneWay] Task A(CancellationToken ct);
            [RpcBroadcast] System.Threading.Tasks.ValueTask B(CancellationToken ct);
            [RpcOneWay] Task C(CancellationToken ct);
            Task<int> D(CancellationToken ct);
        }
        """);

    [Fact]
    public Task Attributes_without_effect_are_removed() => FixTest<ContractAnalyzer, RemoveAttributeFix>.Check(
        """
        [AmqpRpc]
        public partial interface IJobs
        {
            /// <summary>Documented.</summary>
            [{|RPCGEN040:RpcBatching(true)|}]
            [RpcOneWay]
            Task A(CancellationToken ct);

            [RpcOneWay, {|RPCGEN040:RpcBatching(true)|}] Task B(CancellationToken ct);

            [RpcBatching(true)] Task C(CancellationToken ct);

            [{|RPCGEN060:RpcLongRunning|}, RpcOneWay] Task D(CancellationToken ct);
        }

        /// <summary>Documented.</summary>
        [AmqpRpc("q", BodyStyle = RpcBodyStyle.Bare)]
        [{|RPCGEN040:RpcBatching(true)|}]
        public partial interface IBare { Task A(int n, CancellationToken ct); }
        """,
        """
        [AmqpRpc]
        public partial interface IJobs
        {
            /// <summary>Documented.</summary>
            [RpcOneWay]
            Task A(CancellationToken ct);

            [RpcOneWay] Task B(CancellationToken ct);

            [RpcBatching(true)] Task C(CancellationToken ct);

            [RpcOneWay] Task D(CancellationToken ct);
        }

        /// <summary>Documented.</summary>
        [AmqpRpc("q", BodyStyle = RpcBodyStyle.Bare)]
        public partial interface IBare { Task A(int n, CancellationToken ct); }
        """);
}
