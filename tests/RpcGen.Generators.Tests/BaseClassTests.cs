using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>The abstract class that services in other languages derive from.</summary>
public sealed class BaseClassTests
{
    [Fact]
    public void The_class_has_all_methods_with_their_defaults() => Snapshot.Match(GeneratorTest.Run("""
        namespace Demo;

        public interface IReading<T> { Task<T?> ReadAsync(string id, CancellationToken cancellationToken = default); }

        public static partial class Outer
        {
            /// <summary>Documented.</summary>
            [AmqpRpc(GenerateBase = true)]
            internal partial interface IOrders : IReading<string>
            {
                ValueTask<int> AddAsync(int a, DayOfWeek day = DayOfWeek.Friday, decimal price = 1.5m, string? note = null, CancellationToken cancellationToken = default);
                Task SetAsync(string @class, CancellationToken token, params int[] rest);
                Task DoAsync(CancellationToken cancellationToken);
            }
        }
        """).Values.Single(file => file.Contains("OrdersBase", StringComparison.Ordinal)) is var code ? code[code.IndexOf("internal abstract class", StringComparison.Ordinal)..] : "");

    [Fact]
    public void It_can_be_derived_from() => GeneratorTest.Run("""
        [AmqpRpc(GenerateBase = true)] public partial interface IOrders { Task<int> AddAsync(int a, int b = 2, CancellationToken cancellationToken = default); }
        public sealed class Orders : OrdersBase { public override Task<int> AddAsync(int a, int b = 2, CancellationToken cancellationToken = default) => Task.FromResult(a + b); }
        """);

    [Fact]
    public void Contracts_have_none_by_default() => Assert.DoesNotContain(
        GeneratorTest.Run("[AmqpRpc] public partial interface IOrders { Task<int> AddAsync(int a, CancellationToken cancellationToken = default); }").Values,
        file => file.Contains("OrdersBase", StringComparison.Ordinal));
}
