using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Every shape of contract, compiled with warnings as errors.</summary>
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

        [AmqpRpc("rpc_queue", BodyStyle = RpcBodyStyle.Bare, FailFast = true)]
        public partial interface IFibonacci
        {
            Task<int> FibonacciAsync(int n, CancellationToken cancellationToken = default);
        }
        """)["Demo.IFibonacci.g.cs"]);
}
