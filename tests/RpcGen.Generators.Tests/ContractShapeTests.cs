using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Contracts with all their parts and in every place, compiled with warnings as errors.</summary>
public sealed class ContractShapeTests
{
    [Fact]
    public void A_contract_in_all_its_parts() => Snapshot.Match(GeneratorTest.Run("""
        namespace Demo;

        public sealed class FibonacciOverflowException(string message, int n, Exception? innerException = null) : Exception(message, innerException)
        {
            public int N { get; } = n;
            public string? Hint { get; set; }
        }

        public record Order(string Id, List<int> Quantities);

        [JsonSerializable(typeof(Order))]
        internal sealed partial class DemoJson : JsonSerializerContext;

        [AmqpRpc]
        [RpcTimeout(20_000)]
        public partial interface IFibonacciService
        {
            /// <summary>The n-th Fibonacci number.</summary>
            [RpcTimeout(5_000), RpcIdempotent]
            [RpcFault<FibonacciOverflowException>("overflow")]
            Task<long> FibonacciAsync(int n, CancellationToken cancellationToken = default);

            ValueTask<Order?> FindAsync(string id, string? hint = null);

            [RpcMethod("drop"), RpcAtMostOnce]
            Task DeleteAsync(CancellationToken token, Order order, params int[] rest);

            ValueTask PingAsync(CancellationToken cancellationToken = default);
        }
        """)["Demo.IFibonacciService.g.cs"]);

    [Fact]
    public void The_bare_body_style() => Snapshot.Match(GeneratorTest.Run("""
        namespace Demo;

        [AmqpRpc("rpc_queue", Exchange = "rpc_exchange", BodyStyle = RpcBodyStyle.Bare, FailFast = true)]
        public partial interface IFibonacci
        {
            Task<int> FibonacciAsync(int n, CancellationToken cancellationToken = default);
        }
        """)["Demo.IFibonacci.g.cs"]);

    [Fact]
    public void Contracts_anywhere() => GeneratorTest.Run("""
        [AmqpRpc] internal partial interface IGlobal { Task A(CancellationToken ct); }

        namespace A.@namespace
        {
            [AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); }
            [AmqpRpc] public partial interface @interface { Task A(CancellationToken ct); }
        }

        namespace B
        {
            [AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); }

            public static partial class Outer
            {
                internal partial record Middle
                {
                    public partial struct @struct
                    {
                        private record Secret(int N);
                        [AmqpRpc] private partial interface IFoo { Task<Secret> A(Secret s, CancellationToken ct); }
                        [AmqpRpc] internal partial interface IBar { Task A(CancellationToken ct); }
                    }
                }

                public partial record struct Other
                {
                    public partial interface IPlain
                    {
                        [AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); }
                    }
                }
            }
        }
        """);

    [Fact]
    public void Contracts_without_methods_and_in_several_parts() => Assert.Equal(
        ["IEmpty.g.cs", "IParts.g.cs"],
        GeneratorTest.Run(
            "[AmqpRpc] public partial interface IEmpty; [AmqpRpc] public partial interface IParts { Task A(CancellationToken ct); }",
            "public partial interface IParts { ValueTask<int> B(CancellationToken ct); record Arguments(string Text); Task C(Arguments arguments, CancellationToken ct); }").Keys);

    [Fact]
    public void Overloads_with_distinct_wire_names() => GeneratorTest.Run("""
        [AmqpRpc]
        public partial interface IOverloads
        {
            Task<int> FindAsync(int id, CancellationToken ct);
            [RpcMethod("FindByName")] Task<int> FindAsync(string name, CancellationToken ct);
            [RpcMethod("FindAll")] Task<int> FindAsync();
        }
        """);

    [Fact]
    public void Several_contexts_are_chained_in_the_order_of_their_names() => Assert.Contains(
        "JsonContexts = [global::A.First.Default, global::B.Outer.Second.Default],",
        GeneratorTest.Run("""
            namespace B
            {
                public partial class Outer
                {
                    [JsonSerializable(typeof(List<int>))] [JsonSerializable(typeof(List<long>))] internal partial class Second : JsonSerializerContext;
                    [JsonSerializable(typeof(List<int>))] private partial class Unreachable : JsonSerializerContext;
                }
            }

            namespace A
            {
                [JsonSerializable(typeof(List<string>))] public sealed partial class First : JsonSerializerContext;
                [AmqpRpc] public partial interface IService { Task A(CancellationToken ct); }
            }
            """)["A.IService.g.cs"],
        StringComparison.Ordinal);
}
