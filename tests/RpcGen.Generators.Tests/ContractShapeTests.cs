using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
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
    public void Default_values_of_every_kind() => Snapshot.Match(Defaults(GeneratorTest.Run("""
        namespace Demo;

        public enum Colour : short { None, Red = -3 }
        public enum Big : ulong { Top = ulong.MaxValue }
        public struct Point { public int X { get; set; } }

        [AmqpRpc]
        public partial interface IDefaults
        {
            Task A(bool b = true, byte y = 255, sbyte s = -1, short h = short.MinValue, ushort u = 1, int i = int.MinValue, uint v = 1, long l = long.MinValue, ulong w = ulong.MaxValue, CancellationToken ct = default);
            Task B(char c = '\'', char d = '\u0000', string s = "a\"\\\r\n\u2028\ud800{}", string? n = null, string m = null!, CancellationToken ct = default);
            Task C(float f = 0.1f, float a = float.NaN, double d = 0.1, double e = double.NegativeInfinity, double z = -0.0, float y = -0.0f, double g = double.Epsilon, decimal m = -1.50m, double h = 1e300, float i = float.MaxValue, CancellationToken ct = default);
            Task D(Colour c = Colour.Red, Colour? n = Colour.Red, Colour? o = null, Big b = Big.Top, Point p = default, Point? q = null, int? r = 5, int? s = null, Guid g = default, DateTime t = default, CancellationToken ct = default);
            Task E(List<int>? l = null, object? o = null, (int A, string B) t = default, CancellationToken ct = default, params string[] rest);
        }
        """)["Demo.IDefaults.g.cs"]));

    [Fact]
    public void Results_and_parameters_of_every_kind() => GeneratorTest.Run("""
        #nullable enable
        namespace Demo;

        public record Node<T>(T Value, Node<T>? Next);
        public enum Kind { A }

        [AmqpRpc]
        public partial interface ITypes
        {
            Task<string?> A(string? s, string t, List<string?>? l, Dictionary<string, List<int?>> d, CancellationToken ct);
            ValueTask<(int A, string? B)> B((int X, (string? Y, int Z) W) t, CancellationToken ct);
            Task<Node<string?>> C(Node<Node<int>>? n, int[][] a, byte[] b, CancellationToken ct);
            Task<IReadOnlyList<Kind>> D(Kind? k, ReadOnlyMemory<byte> m, DateTimeOffset o, TimeSpan p, Guid g, decimal c, Int128 i, Uri u, JsonElement e, CancellationToken ct);
            Task<dynamic> E(dynamic d, object o, CancellationToken ct);
            ValueTask<int?> F([System.Diagnostics.CodeAnalysis.AllowNull] string s, CancellationToken ct);
            Task G(params List<int> rest);
            Task<T[]> NotRemote<T>(T t) => Task.FromResult(new[] { t });
            static int Static => 1;
            int Property => 2;
        }
        """);

    [Fact]
    public void Params_of_every_collection_may_be_missing() => Assert.DoesNotContain(
        ".Required(ref reader",
        GeneratorTest.Run("""
            [AmqpRpc]
            public partial interface IParams
            {
                Task A(CancellationToken ct, params List<int> rest);
                Task B(CancellationToken ct, params System.Collections.Immutable.ImmutableArray<int> rest);
                Task C(CancellationToken ct, params ICollection<string?> rest);
                Task D(CancellationToken ct, params string?[]? rest);
                Task E(CancellationToken ct, params HashSet<int?> rest);
            }
            """)["IParams.g.cs"],
        StringComparison.Ordinal);

    [Fact]
    public void Contracts_without_nullable_annotations() => GeneratorTest.Run("""
        #nullable disable
        namespace Demo;

        public class Dto { public string S { get; set; } }

        [AmqpRpc]
        public partial interface IOblivious
        {
            Task<string> A(string s, List<string> l = null, string t = "x", Dto d = null, CancellationToken ct = default);
        }
        """);

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
    public void Members_of_data_may_be_called_as_anything_in_generated_code() => GeneratorTest.Run("""
        public class Data
        {
            public string value { get; set; } = "";
            public string Value { get; set; } = "";
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
    public void A_closed_generic_interface_may_be_a_base() => GeneratorTest.Run("""
        public record Order(string Id);
        public interface IRepository<T> { Task<T?> FindAsync(string id, CancellationToken ct); Task AddAsync(T item, CancellationToken ct); }
        [AmqpRpc] public partial interface IOrders : IRepository<Order>;
        """);

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
    public void Derived_contracts_have_all_inherited_methods() => Snapshot.Match(GeneratorTest.Run("""
        namespace Demo;

        public interface IPlain { Task<int> Plain(int n, CancellationToken ct); Task Covered(CancellationToken ct); }

        [AmqpRpc, RpcTimeout(1_000)]
        public partial interface IBase : IPlain
        {
            Task<long> InBase(object o, CancellationToken ct);
            Task<long> Hidden(CancellationToken ct);
            Task IPlain.Covered(CancellationToken ct) => Task.CompletedTask;
        }

        [AmqpRpc]
        public partial interface IDerived : IBase
        {
            [RpcMethod("Other")] Task<long> InBase(string s, CancellationToken ct);
            new Task<long> Hidden(CancellationToken ct);
        }
        """)["Demo.IDerived.g.cs"]);

    [Fact]
    public void What_is_hidden_may_say_otherwise_of_null() => GeneratorTest.Run("""
        public interface IBase
        {
            Task<string> A(string s, int n, CancellationToken ct);
            ValueTask<List<string?>?> B(string? s, CancellationToken ct);
            Task<string> C(CancellationToken ct);
            Task D(List<string> s, int n, CancellationToken ct);
        }

        [AmqpRpc]
        public partial interface IDerived : IBase
        {
            new Task<string?> A(string? s, int n, CancellationToken ct);
            new ValueTask<List<string>> B(string s, CancellationToken ct);
            new Task<string?> C(CancellationToken ct);
            new Task D(List<string?>? s, int n, CancellationToken ct);
        }
        """);

    [Fact]
    public void Methods_of_bases_need_not_be_public() => GeneratorTest.Run("""
        public interface IBase
        {
            protected Task A(CancellationToken ct);
            internal Task B(CancellationToken ct);
            protected internal Task C(CancellationToken ct);
            private protected Task D(CancellationToken ct);
        }

        [AmqpRpc]
        public partial interface IDerived : IBase
        {
            protected Task E(CancellationToken ct);
            internal Task F(CancellationToken ct);
        }
        """);

    [Fact]
    public void What_has_a_warning_of_its_own_is_no_warning_in_generated_code() => GeneratorTest.Run("""
        using System.Diagnostics.CodeAnalysis;

        #pragma warning disable CS0612, CS0618, OLD1, OLD2, TRY1, TRY2
        [Obsolete("old", DiagnosticId = "OLD1")] public class Old { public int N { get; set; } }
        [Obsolete] public class Outer { public record Data(int N); public enum Kind { A } }
        [Experimental("TRY1")] public class Tried { [MinLength(1)] public string? S { get; set; } }
        [Obsolete] public class OldCheckAttribute : ValidationAttribute;
        [Obsolete] public class OldBox<T>;
        public class Fault(string message, int n) : Exception(message)
        {
            [Obsolete] public int N { get; } = n;
            [Obsolete("gone", error: true)] public int M { get; set; }
        }

        [AmqpRpc]
        public partial interface IService
        {
            [Obsolete("old", DiagnosticId = "OLD2")] Task A(CancellationToken ct);
            [Experimental("TRY2")] Task B(CancellationToken ct);
            [RpcFault<Fault>("f")] Task<Old> C(Dictionary<Outer.Kind, Outer.Data[]> d, Tried t, [OldCheck] string s, CancellationToken ct);
        }

        [AmqpRpc] public partial interface IOther { Task A(List<OldBox<Tried>> boxes, CancellationToken ct); }
        [AmqpRpc, Obsolete("", true)] public partial interface IGone { Task A(CancellationToken ct); }
        """);

    [Fact]
    public void Obsolete_members_are_no_warning_in_generated_code() => GeneratorTest.Run("""
        [Obsolete] public class Old { }
        [Obsolete] public class OldException(string message) : Exception(message) { }

        [AmqpRpc]
        public partial interface IService
        {
            [Obsolete("use B")] Task A(CancellationToken ct);
            [Obsolete("gone", error: true)] Task B(CancellationToken ct);
            #pragma warning disable CS0612
            Task<Old> C(List<Old> l, CancellationToken ct);
            [RpcFault<OldException>("old")]
            #pragma warning restore CS0612
            Task D(CancellationToken ct);
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

    [Fact]
    public void A_base_contract_may_come_from_another_assembly()
    {
        GeneratorRun library = GeneratorTest.Generate(Compile.Of("""
            namespace Library;
            public record Dto([Required] string? Name);
            [AmqpRpc] public partial interface IBase { Task<int> InBase([Range(1, 2)] int n, Dto dto, CancellationToken ct); }
            """).WithAssemblyName("Library"));
        using var image = new MemoryStream();
        Assert.True(library.Output.WithOptions(library.Output.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default)).Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        CSharpCompilation application = Compile.Of("""
            namespace Application;
            [AmqpRpc] public partial interface IDerived : Library.IBase { Task<int> Own(CancellationToken ct); }
            """).AddReferences(MetadataReference.CreateFromImage(image.ToArray()));

        GeneratorRun run = GeneratorTest.Generate(application);

        GeneratorTest.AssertNone(run.Output.Complaints());
        string code = run.Files["Application.IDerived.g.cs"];
        Assert.Contains("global::Library.IBase.InBase(int n, global::Library.Dto dto,", code, StringComparison.Ordinal);
        Assert.Contains("string.IsNullOrWhiteSpace(value.Name)", code, StringComparison.Ordinal);
    }

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

    private static string Defaults(string code) => string.Join('\n', code.Split("new(json, ").Skip(1).Select(property => property.Split('\n')[0].TrimEnd(' ', ',', ';')));
}
