using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Names that collide with generated ones, compiled with warnings as errors.</summary>
public sealed class NameShapeTests
{
    [Fact]
    public void Parameters_may_be_called_as_anything_in_generated_code() => GeneratorTest.Run("""
        namespace Demo;

        [AmqpRpc]
        public partial interface INames
        {
            Task<int> ReaderAsync(int reader, string writer, int json, int validation, int arguments, int service, int token, int cancellationToken, CancellationToken ct);
            Task ClashAsync(int n, int N, int _n, int Arguments, int Equals, int GetHashCode, int ToString, int reader, int reader2, CancellationToken binder);
            Task EventAsync(string @event, int @class, int @await, int @field, int @global, int value, CancellationToken @this);
            Task @switch(int @void, CancellationToken @in);
            Task Ünï(int größe, string 名前, int \u0061b, CancellationToken é);
            Task CreateClient(CancellationToken ct);
            Task Contract();
            Task BindServer(CancellationToken ct);
            Task _ping(CancellationToken Settings);
            Task Ping(CancellationToken Timeout);
            Task UnderscoreAsync(int _, int __, CancellationToken ct);
            Task OnlyUnderscoreAsync(int _, CancellationToken __);
            Task PingAsync2(int data, int _data, CancellationToken exception);
        }
        """);

    [Fact]
    public void Namespaces_may_be_called_as_those_of_framework_and_generator()
    {
        IReadOnlyDictionary<string, string> files = GeneratorTest.Run("""
            namespace System.Orders
            {
                public record Order([Range(1, 2)] int Quantity);
                [AmqpRpc] public partial interface IOrders { Task A(Order order, CancellationToken ct); }
            }

            namespace RpcGen.System
            {
                public record Task(int Generated);
                [AmqpRpc] public partial interface IOrders { global::System.Threading.Tasks.Task<Task> A([Range(1, 2)] int n, Task task, CancellationToken ct); }
            }

            namespace RpcGen.Generated
            {
                public record Generated(string S);
                [AmqpRpc] public partial interface IOrders { Task<Generated> A(Generated g, CancellationToken ct); }
            }
            """);
        Assert.Contains("value.Quantity is not (>= 1 and <= 2)", files["System.Orders.IOrders.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Nested_types_may_be_called_as_generated_ones() => GeneratorTest.Run("""
        public interface IPlain { public record __RpcMethods(int N); public class __RpcClient2; public class Validation; }

        [AmqpRpc]
        public partial interface INames : IPlain
        {
            public record __RpcClient(int N);
            Task A(__RpcClient client, [Range(1, 2)] int n, CancellationToken ct);
        }
        """);

    [Fact]
    public void Names_on_the_wire_may_be_any_text() => GeneratorTest.Run("""
        public class A(string message) : Exception(message);
        public class B(string message) : Exception(message);
        public class C(string message) : Exception(message);
        public class D(string message) : Exception(message);
        public class E(string message) : Exception(message);
        public class F(string message) : Exception(message);

        [AmqpRpc("q\u2028\ud800\0\"\n")]
        public partial interface IText
        {
            [RpcFault<A>("404"), RpcFault<B>("---"), RpcFault<C>("a\u2028b"), RpcFault<D>("\ud83d\ude00"), RpcFault<E>("a\u00adb\u0001<&>"), RpcFault<F>("\ud800")]
            Task A(CancellationToken ct);
            [RpcMethod("a\u2028b")] Task B(CancellationToken ct);
            [RpcMethod("a\u0085b")] Task C(CancellationToken ct);
            [RpcMethod("a\u0001b]]>--&")] Task D(CancellationToken ct);
            [RpcMethod("\ud800\r\n\0")] Task E(CancellationToken ct);
        }
        """);

    [Fact]
    public void Members_of_data_may_be_called_as_anything_in_generated_code() => GeneratorTest.Run("""
        public class Data
        {
            public string value { get; set; } = "";
            [JsonPropertyName("other")] public string Value { get; set; } = "";
            public List<string> validation { get; set; } = [];
            public IEnumerable<string>? before { get; set; }
            public IEnumerable<string>? index { get; set; }
            public Dictionary<string, string>? @class { get; set; }
            [Obsolete] public string Old { get; set; } = "";
            [Obsolete("", true)] public string Older { get; set; } = "";
        }

        public class CheckFooAttribute : ValidationAttribute { public override bool RequiresValidationContext => true; }
        public class Foo { [CheckFoo] public string? A { get; set; } public (int, (string, Foo?))? B { get; set; } public System.Collections.Immutable.ImmutableArray<string> C { get; set; } }

        [AmqpRpc]
        public partial interface IService
        {
            Task A(Data data, Foo foo, IReadOnlyDictionary<int, Foo[]> map, IEnumerable<IEnumerable<Foo>> lazy, CancellationToken ct);
            Task B(ICollection<Foo?> some, Dictionary<Guid, (Foo A, int B)?> tuples, HashSet<string> set, ReadOnlyMemory<byte> bytes, CancellationToken ct);
        }
        """);

    [Fact]
    public void Contracts_whose_names_differ_in_case_only_have_files_of_their_own() => Assert.Equal(
        ["A.IFoo.g.cs", "A.Ifoo-2.g.cs"],
        GeneratorTest.Run("""
            namespace A
            {
                [AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); }
                [AmqpRpc] public partial interface Ifoo { Task A(CancellationToken ct); }
            }
            """).Keys);
}
