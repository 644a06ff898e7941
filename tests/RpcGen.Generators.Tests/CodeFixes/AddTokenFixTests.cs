using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>Methods get a parameter for the cancellation token.</summary>
public sealed class AddTokenFixTests
{
    [Fact]
    public Task Methods_get_a_token_last_but_before_params() => FixTest<ContractAnalyzer, AddTokenFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task {|RPCGEN023:A|}();
            Task {|RPCGEN023:B|}(int n, string s = "");
            Task {|RPCGEN023:C|}(int n, params int[] rest);
            Task {|RPCGEN023:D|}(int cancellationToken);
            Task E(CancellationToken ct);
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(CancellationToken cancellationToken = default);
            Task B(int n, string s = "", CancellationToken cancellationToken = default);
            Task C(int n, CancellationToken cancellationToken = default, params int[] rest);
            Task D(int cancellationToken, CancellationToken token = default);
            Task E(CancellationToken ct);
        }
        """);

    [Fact]
    public Task A_method_with_a_token_is_left_alone() => FixTest<ContractAnalyzer, AddTokenFix>.CheckNone(
        "[AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); Task B(CancellationToken cancellationToken = default, params int[] n); }");

    [Fact]
    public Task A_token_on_a_line_of_its_own() => FixTest<ContractAnalyzer, AddTokenFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task {|RPCGEN023:A|}(
                int a, // First.
                int cancellationToken = 3 // Last.
                ); // After.
            Task {|RPCGEN023:B|}(
                int a,
                // The second.
                int b);
            Task {|RPCGEN023:C|}(int a,
                                 int b); // Aligned.
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(
                int a, // First.
                int cancellationToken = 3, // Last.
                CancellationToken token = default
                ); // After.
            Task B(
                int a,
                // The second.
                int b,
                CancellationToken cancellationToken = default);
            Task C(int a,
                                 int b,
                                 CancellationToken cancellationToken = default); // Aligned.
        }
        """);
}
