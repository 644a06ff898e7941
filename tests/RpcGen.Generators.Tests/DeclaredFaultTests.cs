using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests how declared exceptions are written and rebuilt.</summary>
public sealed class DeclaredFaultTests
{
    [Fact]
    public void The_constructor_of_most_parameters_and_setters_for_the_rest() => Snapshot.Match(GeneratorTest.Run("""
        namespace Demo;

        public class StockException : Exception
        {
            public StockException() { }
            public StockException(string message) : base(message) { }
            public StockException(string message, string SKU, Exception? cause) : base(message, cause) => Sku = SKU;
            public StockException(string message, string sku, object unrelated, int more) : base(message) => Sku = sku;
            public string Sku { get; } = "";
            public required int Left { get; init; }
            [JsonPropertyName("when")] public DateTime? At { get; set; }
            [JsonIgnore] public object? Local { get; set; }
            public bool IsEmpty => Left == 0;
            public static int Count { get; set; }
            public int this[int i] => i;
        }

        public sealed class DerivedStockException(string message, string sku) : StockException(message, sku, null) { public List<string?>? Notes { get; set; } }
        public class PlainException(int @event) : Exception($"event {@event}") { public int Event { get; } = @event; }

        [AmqpRpc, RpcFault<Exception>("any"), RpcFault<PlainException>("plain")]
        public partial interface IService
        {
            [RpcFault<StockException>("stock"), RpcFault<DerivedStockException>("stock-derived")] Task A(CancellationToken ct);
            [RpcFault<PlainException>("own")] Task B(CancellationToken ct);
            Task C(CancellationToken ct);
        }
        """)["Demo.IService.g.cs"]);
}
