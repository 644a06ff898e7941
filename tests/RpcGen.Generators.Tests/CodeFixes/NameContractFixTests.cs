using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>Calls that name a class name its contract instead.</summary>
public sealed class NameContractFixTests
{
    [Fact]
    public Task A_contract_that_is_named_is_left_alone() => FixTest<TypeArgumentAnalyzer, NameContractFix>.CheckNone(
        """
        [AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); }
        public static class Program
        {
            public static void Main(RpcConnection connection) => connection.CreateClient<IFoo>();
        }
        """);

    [Fact]
    public Task The_contract_is_named() => FixTest<TypeArgumentAnalyzer, NameContractFix>.Check(
        """
        namespace Demo;

        [AmqpRpc] public partial interface IFoo : IRpcContract<IFoo> { }
        public class Foo : IFoo { }

        public static class Program
        {
            public static async Task Main(RpcConnection connection)
            {
                await using RpcServer server = await connection.{|RPCGEN031:ServeAsync|}(new Foo());
                await connection.{|RPCGEN031:ServeAsync<Foo>|}(new Foo());
                Foo foo = connection.{|RPCGEN031:CreateClient<Foo>|}();
                await connection.ServeAsync<IFoo>(new Foo());
            }
        }
        """,
        """
        namespace Demo;

        [AmqpRpc] public partial interface IFoo : IRpcContract<IFoo> { }
        public class Foo : IFoo { }

        public static class Program
        {
            public static async Task Main(RpcConnection connection)
            {
                await using RpcServer server = await connection.ServeAsync<IFoo>(new Foo());
                await connection.ServeAsync<IFoo>(new Foo());
                Foo foo = connection.CreateClient<IFoo>();
                await connection.ServeAsync<IFoo>(new Foo());
            }
        }
        """);
}
