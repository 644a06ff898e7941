using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests which edits the fixes make, and where they offer none. Fixing all at once gives the same result as one by one.</summary>
public sealed class CodeFixTests
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
    public Task Methods_get_a_token_last_but_before_params() => FixTest<ContractAnalyzer, AddTokenFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task {|RPCGEN023:A|}();
            Task {|RPCGEN023:B|}(int n, string s = "");
            Task {|RPCGEN023:C|}(int n, params int[] rest);
            Task {|RPCGEN023:D|}(int cancellationToken);
            Task E(CancellationToken ct);
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(CancellationToken cancellationToken = default);
            Task B(int n, string s = "", CancellationToken cancellationToken = default);
            Task C(int n, CancellationToken cancellationToken = default, params int[] rest);
            Task D(int cancellationToken, CancellationToken token = default);
            Task E(CancellationToken ct);
        }
        """);

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
    public Task What_a_stream_should_return_is_for_the_user_to_say() => FixTest<ContractAnalyzer, ReturnTaskFix>.CheckNone(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            IAsyncEnumerable<int> {|RPCGEN004:A|}(CancellationToken ct);
        }
        """);

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

    [Fact]
    public Task A_method_with_a_token_is_left_alone() => FixTest<ContractAnalyzer, AddTokenFix>.CheckNone(
        "[AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); Task B(CancellationToken cancellationToken = default, params int[] n); }");

    [Fact]
    public Task A_token_on_a_line_of_its_own() => FixTest<ContractAnalyzer, AddTokenFix>.Check(
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task {|RPCGEN023:A|}(
                int a, // First.
                int cancellationToken = 3 // Last.
                ); // After.
            Task {|RPCGEN023:B|}(
                int a,
                // The second.
                int b);
            Task {|RPCGEN023:C|}(int a,
                                 int b); // Aligned.
        }
        """,
        """
        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(
                int a, // First.
                int cancellationToken = 3, // Last.
                CancellationToken token = default
                ); // After.
            Task B(
                int a,
                // The second.
                int b,
                CancellationToken cancellationToken = default);
            Task C(int a,
                                 int b,
                                 CancellationToken cancellationToken = default); // Aligned.
        }
        """);

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
