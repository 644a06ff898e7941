using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>Contracts and the types around them become partial.</summary>
public sealed class MakePartialFixTests
{
    [Fact]
    public Task Contracts_and_the_types_around_them_become_partial() => FixTest<ContractAnalyzer, MakePartialFix>.Check(
        """
        public static class {|RPCGEN001:Outer|}
        {
            /// <summary>Documented.</summary>
            [AmqpRpc]
            public interface {|RPCGEN001:IFoo|} { Task A(CancellationToken ct); }
        }

        [AmqpRpc] interface {|RPCGEN001:IBar|} { }
        """,
        """
        public static partial class Outer
        {
            /// <summary>Documented.</summary>
            [AmqpRpc]
            public partial interface IFoo { Task A(CancellationToken ct); }
        }

        [AmqpRpc] partial interface IBar { }
        """);

    [Fact]
    public Task Partial_contracts_are_left_alone() => FixTest<ContractAnalyzer, MakePartialFix>.CheckNone(
        "[AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); }");

    [Fact]
    public Task Modifiers_and_comments_stay_where_partial_is_added() => FixTest<ContractAnalyzer, MakePartialFix>.Check(
        """
        /// <summary>Documented.</summary>
        // A comment.
        public abstract unsafe class {|RPCGEN001:Outer|} // Outside.
        {
            public readonly record struct {|RPCGEN001:Middle|}(int N)
            {
                /// <summary>Documented.</summary>
                [AmqpRpc] // The queue.
                /* visible */ internal unsafe interface {|RPCGEN001:IFoo|} : IDisposable { Task A(CancellationToken ct); void IDisposable.Dispose() { } }
            }
        }
        """,
        """
        /// <summary>Documented.</summary>
        // A comment.
        public abstract unsafe partial class Outer // Outside.
        {
            public readonly partial record struct Middle(int N)
            {
                /// <summary>Documented.</summary>
                [AmqpRpc] // The queue.
                /* visible */ internal unsafe partial interface IFoo : IDisposable { Task A(CancellationToken ct); void IDisposable.Dispose() { } }
            }
        }
        """);
}
