using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>Types are added to a context for JSON, or a context is created.</summary>
public sealed class AddMetadataFixTests
{
    [Fact]
    public Task Types_are_added_to_the_context_there_is() => FixTest<JsonMetadataAnalyzer, AddMetadataFix>.Run(
        [
            Compile.GlobalUsings,
            """
            namespace Demo;

            public record Order(string Id);
            public record Known(string Id);

            [AmqpRpc]
            public partial interface IFoo
            {
                Task<int> A(int n, Order {|RPCGEN028:order|}, List<Order> {|RPCGEN028:list|}, Known known, Order again, string?[] names, CancellationToken ct);
            }
            """,
            """
            namespace Demo;

            /// <summary>Documented.</summary>
            [JsonSerializable(typeof(Known))]
            internal sealed partial class DemoJson : JsonSerializerContext { }
            """,
        ],
        [
            Compile.GlobalUsings,
            """
            namespace Demo;

            public record Order(string Id);
            public record Known(string Id);

            [AmqpRpc]
            public partial interface IFoo
            {
                Task<int> A(int n, Order order, List<Order> list, Known known, Order again, string?[] names, CancellationToken ct);
            }
            """,
            """
            namespace Demo;

            /// <summary>Documented.</summary>
            [JsonSerializable(typeof(Known))]
            [JsonSerializable(typeof(Order))]
            [JsonSerializable(typeof(List<Order>))]
            internal sealed partial class DemoJson : JsonSerializerContext { }
            """,
        ],
        "PublishAot");

    [Fact]
    public Task A_private_context_is_no_help() => FixTest<JsonMetadataAnalyzer, AddMetadataFix>.Check(
        """
        // The contract.
        public record Order(string Id);
        public partial class Outer { [JsonSerializable(typeof(Order))] private partial class A : JsonSerializerContext; }
        file partial class B : JsonSerializerContext;

        [AmqpRpc]
        public partial interface IFoo { Task A(Order {|RPCGEN028:order|}, CancellationToken ct); } // Its end.
        """,
        """
        // The contract.
        public record Order(string Id);
        public partial class Outer { [JsonSerializable(typeof(Order))] private partial class A : JsonSerializerContext; }
        file partial class B : JsonSerializerContext;

        [AmqpRpc]
        public partial interface IFoo { Task A(Order order, CancellationToken ct); } // Its end.

        [JsonSerializable(typeof(Order))]
        internal sealed partial class ContractsJsonContext : JsonSerializerContext
        {
        }
        """,
        "PublishAot");

    [Fact]
    public Task A_context_in_another_namespace_and_file_is_found() => FixTest<JsonMetadataAnalyzer, AddMetadataFix>.Run(
        [
            Compile.GlobalUsings,
            """
            namespace Demo.Contracts
            {
                public class Outer { public record Order(string Id); }
                [AmqpRpc] public partial interface IFoo { Task A(Kind? {|RPCGEN028:kind|}, Dictionary<string, Outer.Order?[]> {|RPCGEN028:orders|}, CancellationToken ct); }
                public enum Kind { A }
            }
            """,
            """
            namespace Other;

            public partial class Nest
            {
                /// <summary>Documented.</summary>
                // A comment.
                internal sealed partial class Json(JsonSerializerOptions options) : JsonSerializerContext(options)
                {
                    public int Kept { get; } = 1;
                }
            }
            """,
        ],
        [
            Compile.GlobalUsings,
            """
            namespace Demo.Contracts
            {
                public class Outer { public record Order(string Id); }
                [AmqpRpc] public partial interface IFoo { Task A(Kind? kind, Dictionary<string, Outer.Order?[]> orders, CancellationToken ct); }
                public enum Kind { A }
            }
            """,
            """
            namespace Other;

            public partial class Nest
            {
                /// <summary>Documented.</summary>
                // A comment.
                [JsonSerializable(typeof(Demo.Contracts.Kind?))]
                [JsonSerializable(typeof(Dictionary<string, Demo.Contracts.Outer.Order[]>))]
                internal sealed partial class Json(JsonSerializerOptions options) : JsonSerializerContext(options)
                {
                    public int Kept { get; } = 1;
                }
            }
            """,
        ],
        "PublishAot");

    [Fact]
    public Task A_context_is_made_where_there_is_none() => FixTest<JsonMetadataAnalyzer, AddMetadataFix>.Check(
        """
        namespace Demo;

        public record Order(string Id);

        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(Order {|RPCGEN028:order|}, CancellationToken ct);
        }
        """,
        """
        namespace Demo;

        public record Order(string Id);

        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(Order order, CancellationToken ct);
        }

        [JsonSerializable(typeof(Order))]
        internal sealed partial class ContractsJsonContext : JsonSerializerContext
        {
        }
        """,
        "IsAotCompatible");

    [Fact]
    public Task Where_there_is_reflection_nothing_is_missing() => FixTest<JsonMetadataAnalyzer, AddMetadataFix>.CheckNone(
        "public record Order(string Id); [AmqpRpc] public partial interface IFoo { Task A(Order order, CancellationToken ct); }");
}
