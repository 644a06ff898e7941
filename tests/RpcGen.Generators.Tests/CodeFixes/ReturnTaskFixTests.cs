using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>Methods return tasks.</summary>
public sealed class ReturnTaskFixTests
{
    [Fact]
    public Task Methods_return_tasks() => FixTest<ContractAnalyzer, ReturnTaskFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            void {|RPCGEN005:A|}(CancellationToken ct);
            int {|RPCGEN004:B|}(CancellationToken ct);
            // Comments stay.
            List<string?>? {|RPCGEN004:C|}(CancellationToken ct);
            Task<int> D(CancellationToken ct);
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(CancellationToken ct);
            Task<int> B(CancellationToken ct);
            // Comments stay.
            Task<List<string?>?> C(CancellationToken ct);
            Task<int> D(CancellationToken ct);
        }
        """);

    [Fact]
    public Task What_an_awaitable_type_should_be_is_for_the_user_to_say() => FixTest<ContractAnalyzer, ReturnTaskFix>.CheckNone(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            System.Runtime.CompilerServices.ConfiguredTaskAwaitable<int> {|RPCGEN004:A|}(CancellationToken ct);
        }
        """);

    [Fact]
    public Task Comments_and_attributes_around_what_is_mended_stay() => FixTest<ContractAnalyzer, ReturnTaskFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            // Before.
            /// <summary>Documented.</summary>
            [RpcTimeout(5)] // Beside.
            /* of */ string? /* what */ {|RPCGEN004:A|}(
                int a, // First.
                CancellationToken ct); // After.
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            // Before.
            /// <summary>Documented.</summary>
            [RpcTimeout(5)] // Beside.
            /* of */ Task<string?> /* what */ A(
                int a, // First.
                CancellationToken ct); // After.
        }
        """);
}
