using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests diagnostics and their locations beyond the code on their pages.</summary>
public sealed class DiagnosticTests
{
    [Fact]
    public void Containing_types_must_be_partial_too() => DiagnosticTest.Check("""
        public class {|RPCGEN001:Outer|}
        {
            public partial class Middle
            {
                [AmqpRpc] public interface {|RPCGEN001:IOrders|} { Task A(CancellationToken ct); }
            }
        }
        """);

    [Fact]
    public void Containing_types_must_be_neither_generic_nor_file_local() => DiagnosticTest.Check("""
        public partial class {|RPCGEN003:Outer|}<T>
        {
            [AmqpRpc] public partial interface {|RPCGEN003:IOrders|}<in TKey> { Task A(CancellationToken ct); }
        }

        file partial class {|RPCGEN002:Inner|}
        {
            [AmqpRpc] public partial interface IOrders { Task A(CancellationToken ct); }
        }
        """);

    [Fact]
    public void Members_that_are_not_methods() => DiagnosticTest.Check("""
        [AmqpRpc]
        public partial interface IOrders
        {
            int {|RPCGEN008:Property|} { get; set; }
            int {|RPCGEN008:this|}[int i] { get; }
            event Action {|RPCGEN008:Event|};
            static abstract int {|RPCGEN008:Static|}();
            static abstract int {|RPCGEN008:StaticProperty|} { get; }
            static abstract bool operator {|RPCGEN008:!|}(IOrders o);
            Task A(CancellationToken ct);
        }
        """);

    [Fact]
    public void Types_that_do_not_travel() => DiagnosticTest.Check("""
        [AmqpRpc]
        public unsafe partial interface IOrders
        {
            Task A(int* {|RPCGEN007:a|}, Span<int> {|RPCGEN007:b|}, int*[] {|RPCGEN007:c|}, delegate*<void> {|RPCGEN007:d|}, params ReadOnlySpan<string> {|RPCGEN007:e|});
            Task B(ref int {|RPCGEN006:a|}, out int {|RPCGEN006:b|}, in int {|RPCGEN006:c|}, ref readonly int {|RPCGEN006:d|});
            IEnumerable<int> {|RPCGEN004:C|}();
            ref Task {|RPCGEN004:D|}();
            Tasks.Task {|RPCGEN004:E|}();
            dynamic {|RPCGEN004:F|}();
            void {|RPCGEN005:G|}();
            Task {|RPCGEN009:H|}<T>();
            Task I(CancellationToken a, int i, CancellationToken {|RPCGEN011:b|}, CancellationToken {|RPCGEN011:c|});
        }

        public static class Tasks { public class Task; }
        """);

    [Fact]
    public void Names_of_exchanges_that_brokers_reserve() => DiagnosticTest.Check("""
        [{|RPCGEN013:AmqpRpc(Exchange = "amq.direct")|}]
        public partial interface IOrders
        {
            Task A();
        }

        [AmqpRpc(Exchange = "orders.requests")]
        public partial interface IBills
        {
            Task A();
        }
        """);

    [Fact]
    public void Names_that_break_the_protocol() => DiagnosticTest.Check($$"""
        [{|RPCGEN013:AmqpRpc("")|}, {|RPCGEN012:RpcTimeout(-1)|}, RpcIdempotent, {|RPCGEN021:RpcAtMostOnce|}]
        public partial interface IOrders
        {
            [{|RPCGEN014:RpcMethod("")|}] Task A();
            [{|RPCGEN014:RpcMethod("{{new string('é', 128)}}")|}] Task B();
            [RpcMethod("{{new string('é', 127)}}")] Task C();
            Task D();
            [RpcMethod("D")] Task {|RPCGEN010:E|}();
            Task {|RPCGEN010:DAsync|}();
        }

        [AmqpRpc("x.amq.")] public partial interface IFine { Task A(); }
        """);

    [Theory]
    [InlineData("Task A(int n); Task B(int n);")]
    [InlineData("")]
    [InlineData("Task A();")]
    [InlineData("Task A(CancellationToken ct);")]
    public void Bare_contracts_have_one_value_each_way(string members) => DiagnosticTest.Check($$"""
        [AmqpRpc("q", BodyStyle = RpcBodyStyle.Bare)]
        public partial interface {|RPCGEN015:IOrders|} { {{members}} }
        """);

    [Fact]
    public void Faults_that_cannot_be_told_apart() => DiagnosticTest.Check("""
        public class A(string message) : Exception(message);
        public class B(string message) : A(message);

        [AmqpRpc, RpcFault<A>("a"), {|RPCGEN020:RpcFault<B>("")|}]
        public partial interface IOrders
        {
            [RpcFault<B>("b"), {|RPCGEN019:RpcFault<B>("c")|}] Task One();
            [{|RPCGEN019:RpcFault<B>("a")|}] Task Two();
            [RpcFault<A>("other")] Task Three();
        }
        """);

    [Fact]
    public void Faults_that_cannot_be_rebuilt() => DiagnosticTest.Check("""
        public abstract class Abstract : Exception;
        public class Hidden : Exception { private Hidden() { } }
        public class WrongType(string message, int n) : Exception(message) { public string N { get; } = n.ToString(); }
        public class Required : Exception { public required Type Type { get; init; } }
        public class Field(string message, int n) : Exception(message) { private readonly int _n = n; public int Left => _n; public int Twice => N * 2; public int N { get; } = n; }

        [AmqpRpc]
        public partial interface IOrders
        {
            [{|RPCGEN016:RpcFault<Abstract>("1")|}, {|RPCGEN016:RpcFault<Hidden>("2")|}] Task A();
            [{|RPCGEN016:RpcFault<WrongType>("3")|}, {|RPCGEN016:RpcFault<Required>("4")|}] Task B();
            [{|RPCGEN017:RpcFault<Field>("5")|}, {|RPCGEN018:RpcFault<ArgumentNullException>("6")|}] Task C();
        }
        """);

    [Fact]
    public void Diagnostics_of_a_base_contract_are_not_repeated() => DiagnosticTest.Check("""
        public interface IPlain { void A(); }
        [AmqpRpc] public partial interface {|RPCGEN005:IBase|} : IPlain { int {|RPCGEN004:B|}(); int {|RPCGEN008:P|} { get; } }
        [AmqpRpc] public partial interface {|RPCGEN005:IDerived|} : IBase { Task C(); }
        """);

    [Fact]
    public void Advice() => DiagnosticTest.Check("""
        [AmqpRpc]
        public partial interface IOrders
        {
            Task {|RPCGEN023:A|}(int n);
            Task B(CancellationToken {|RPCGEN024:ct|}, int n);
            Task C(CancellationToken ct, params int[] n);
            ValueTask<object?> {|RPCGEN025:D|}(CancellationToken ct);
            Task {|RPCGEN042:E|}(CancellationToken ct) => B(ct, 1);
            sealed Task F(CancellationToken ct) => G(ct);
            private Task G(CancellationToken ct) => B(ct, 2);
            static Task H(CancellationToken ct) => Task.CompletedTask;
        }
        """);

    [Fact]
    public void Uses_of_a_contract_in_error_get_no_errors_of_their_own() => DiagnosticTest.Check("""
        [AmqpRpc] public partial interface IOrders { int {|RPCGEN004:A|}(); }

        public static class Uses
        {
            public static string Queue<T>() where T : class, IRpcContract<T> => T.DescribeContract().Queue;
            public static string Orders() => Queue<IOrders>();
        }
        """);

    [Fact]
    public void A_type_that_only_another_generator_knows_is_an_error() => DiagnosticTest.Check(
        """[AmqpRpc] public partial interface IOrders { Task<List<Missing[]>> A(); }""", "CS0246", "CS1029");

    [Fact]
    public void Such_a_type_is_an_error_as_part_of_another_type_too() => DiagnosticTest.Check(
        """
        public class Outer<T> { public class Inner; }
        [AmqpRpc] public partial interface IOrders { Task A(Outer<Missing>.Inner inner); }
        """,
        "CS0246",
        "CS1029");

    [Fact]
    public void A_contract_in_a_generated_file_gets_errors_but_no_advice()
    {
        CSharpCompilation compilation = Compile.Of("""
            // <auto-generated/>
            [AmqpRpc] public partial interface IOrders { void A(); }
            """);
        Assert.Equal(["RPCGEN005 at 'A'"], GeneratorTest.Analyze(GeneratorTest.Generate(compilation).Output).Select(Markup.Describe));
    }

    [Fact]
    public void Problems_in_another_project_are_reported_at_the_contract()
    {
        // Editors reference compilations of other projects, whose attributes have source locations.
        GeneratorRun library = GeneratorTest.Generate(Compile.Of("""
            public interface IBase { [RpcTimeout(0)] Task A(Data data); }
            public class Data { [StringLength(3)] public int N { get; set; } [Compare("Nothing")] public int M { get; set; } }
            """).WithAssemblyName("Library"));
        GeneratorRun run = GeneratorTest.Generate(
            Compile.Of("[AmqpRpc] public partial interface IOrders : IBase { Task B(CancellationToken ct); }").AddReferences(library.Output.ToMetadataReference()));

        Assert.Equal(
            ["RPCGEN012 at 'IOrders'", "RPCGEN023 at 'IOrders'", "RPCGEN026 at 'IOrders'", "RPCGEN026 at 'IOrders'"],
            GeneratorTest.Analyze(run.Output).Select(Markup.Describe));
    }

    [Fact]
    public void Problems_that_two_contracts_inherit_are_reported_once() => DiagnosticTest.Check("""
        public interface IPlain { [{|RPCGEN012:RpcTimeout(0)|}] Task A(); }
        [AmqpRpc] public partial interface IOne : IPlain;
        [AmqpRpc] public partial interface ITwo : IPlain;
        """);

    [Fact]
    public void A_method_hidden_by_one_of_another_result_is_ambiguous() => DiagnosticTest.Check("""
        public interface IPlain { Task<int> A(); }
        [AmqpRpc] public partial interface {|RPCGEN022:IOrders|} : IPlain { new Task<long> A(); }
        """);

    [Fact]
    public void A_base_with_an_internal_method()
    {
        (CSharpCompilation Library, string Contract) Friend(string name) => (
            Compile.Of($$"""
                [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("{{name}}")]
                public interface IBase { internal Task A(); }
                """).WithAssemblyName("Library"),
            "[AmqpRpc] public partial interface IOrders : IBase;");

        IEnumerable<string> Errors((CSharpCompilation Library, string Contract) friend)
        {
            GeneratorRun run = GeneratorTest.Generate(Compile.Of(friend.Contract).AddReferences(friend.Library.ToMetadataReference()));
            GeneratorTest.AssertNone(run.Output.Complaints());
            return GeneratorTest.Analyze(run.Output).Where(diagnostic => diagnostic.Severity != DiagnosticSeverity.Info).Select(Markup.Describe);
        }

        Assert.Equal(["RPCGEN043 at 'IOrders'"], Errors(Friend("Other")));
        Assert.Empty(Errors(Friend("Test")));
    }

    [Fact]
    public void An_interface_annotated_twice_is_generated_once() => DiagnosticTest.Check(
        """
        [AmqpRpc] public partial interface IOrders { Task A(); }
        [AmqpRpc] public partial interface IOrders { Task B(); }
        """,
        "CS0579");

    [Fact]
    public void Timeouts_that_are_too_long_for_ordinary_calls() => DiagnosticTest.Check("""
        [AmqpRpc, {|RPCGEN046:RpcTimeout(1_500_001)|}]
        public partial interface ILong
        {
            [RpcTimeout(1_500_000)] Task A(CancellationToken ct);
            [{|RPCGEN046:RpcTimeout(int.MaxValue)|}] Task B(CancellationToken ct);
            [RpcOneWay, {|RPCGEN046:RpcTimeout(1_500_001)|}] Task C(CancellationToken ct);
            [RpcLongRunning, RpcTimeout(int.MaxValue)] Task D(CancellationToken ct);
            [RpcTimeout(int.MaxValue)] IAsyncEnumerable<int> E(CancellationToken ct);
        }

        [AmqpRpc, RpcLongRunning, RpcTimeout(int.MaxValue)]
        public partial interface ILonger
        {
            [RpcTimeout(int.MaxValue)] Task A(CancellationToken ct);
            [RpcBroadcast, {|RPCGEN046:RpcTimeout(int.MaxValue)|}] Task B(CancellationToken ct);
            [RpcDurable, {|RPCGEN046:RpcTimeout(int.MaxValue)|}] Task C(CancellationToken ct);
        }
        """);

    [Fact]
    public void Messages_say_what_to_do() => Snapshot.Match(string.Join("\n", DiagnosticTest.Messages("""
        [AmqpRpc] public interface INotPartial { Task A(); }

        [AmqpRpc("amq.x", BodyStyle = RpcBodyStyle.Bare)]
        public partial interface IOrders
        {
            int A(ref int a, Span<int> b, CancellationToken c, CancellationToken d);
            void B<T>();
            Task C(); Task CAsync(int n);
            event Action E;
            [RpcTimeout(0), RpcFault<TimeoutException>("timeout"), RpcFault<ArgumentException>("a"), RpcIdempotent, RpcAtMostOnce, RpcMethod("$")] Task D();
        }
        """)) + "\n");
}
