using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>Overloads get names of their own on the wire.</summary>
public sealed class NameOverloadFixTests
{
    [Fact]
    public Task Overloads_get_names_of_their_own() => FixTest<ContractAnalyzer, NameOverloadFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task FindAsync(CancellationToken ct);
            /// <summary>Documented.</summary>
            Task {|RPCGEN010:FindAsync|}(string name, CancellationToken ct);
            Task {|RPCGEN010:FindAsync|}(string name, int age);
            Task {|RPCGEN010:FindAsync|}(int name, int age);
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task FindAsync(CancellationToken ct);
            /// <summary>Documented.</summary>
            [RpcMethod("FindByName")]
            Task FindAsync(string name, CancellationToken ct);
            [RpcMethod("FindByNameStringAndAgeInt32")]
            Task FindAsync(string name, int age);
            [RpcMethod("FindByNameInt32AndAgeInt32")]
            Task FindAsync(int name, int age);
        }
        """);

    [Fact]
    public Task Overloads_get_names_that_nothing_else_has() => FixTest<ContractAnalyzer, NameOverloadFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task FindAsync(CancellationToken ct);
            Task FindByNameAsync(CancellationToken ct);
            [RpcMethod("FindByName2")] Task Other(CancellationToken ct);
            Task {|RPCGEN010:FindAsync|}(string name, CancellationToken ct);
            Task {|RPCGEN010:FindAsync|}(List<int> ids);
            Task {|RPCGEN010:FindAsync|}(List<string> ids);
            Task {|RPCGEN010:FindAsync|}(int[][] ids);
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task FindAsync(CancellationToken ct);
            Task FindByNameAsync(CancellationToken ct);
            [RpcMethod("FindByName2")] Task Other(CancellationToken ct);
            [RpcMethod("FindByName3")]
            Task FindAsync(string name, CancellationToken ct);
            [RpcMethod("FindByIdsListInt32")]
            Task FindAsync(List<int> ids);
            [RpcMethod("FindByIdsListString")]
            Task FindAsync(List<string> ids);
            [RpcMethod("FindByIdsInt32ArrayArray")]
            Task FindAsync(int[][] ids);
        }
        """);

    [Fact]
    public Task Explicit_names_that_collide_get_no_fix() => FixTest<ContractAnalyzer, NameOverloadFix>.CheckNone(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task FindAsync(CancellationToken ct);
            [RpcMethod("Find")] Task {|RPCGEN010:SeekAsync|}(string name, CancellationToken ct);
        }
        """);
}
