using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>The constructor that JSON has to call is marked, if only one comes into question.</summary>
public sealed class MarkConstructorFixTests
{
    private const string Contract = "[AmqpRpc] public partial interface IFoo { Task A(Dto dto, CancellationToken ct); }";

    [Fact]
    public Task Of_several_the_one_that_sets_most() => FixTest<JsonMetadataAnalyzer, MarkConstructorFix>.Check(
        $$"""
        public class {|RPCGEN045:Dto|}
        {
            public Dto(int a) => A = a;
            /// <summary>Documented.</summary>
            public Dto(int a, string b) => (A, B) = (a, b);
            public int A { get; }
            public string? B { get; }
        }

        {{Contract}}
        """,
        $$"""
        public class Dto
        {
            public Dto(int a) => A = a;
            /// <summary>Documented.</summary>
            [JsonConstructor]
            public Dto(int a, string b) => (A, B) = (a, b);
            public int A { get; }
            public string? B { get; }
        }

        {{Contract}}
        """);

    [Fact]
    public Task A_private_one() => FixTest<JsonMetadataAnalyzer, MarkConstructorFix>.Check(
        $$"""
        public class {|RPCGEN045:Dto|}
        {
            private Dto() { }
            public int A { get; set; }
        }

        {{Contract}}
        """,
        $$"""
        public class Dto
        {
            [JsonConstructor]
            private Dto() { }
            public int A { get; set; }
        }

        {{Contract}}
        """);

    [Fact]
    public Task That_of_a_struct() => FixTest<JsonMetadataAnalyzer, MarkConstructorFix>.Check(
        $$"""
        public readonly struct Dto
        {
            public Dto(Guid value) => Value = value;
            public Guid {|RPCGEN056:Value|} { get; }
        }

        {{Contract}}
        """,
        $$"""
        public readonly struct Dto
        {
            [JsonConstructor]
            public Dto(Guid value) => Value = value;
            public Guid Value { get; }
        }

        {{Contract}}
        """);

    [Fact]
    public Task Two_alike_have_no_single_edit() => FixTest<JsonMetadataAnalyzer, MarkConstructorFix>.CheckNone(
        $$"""
        public class Dto
        {
            public Dto(int a) => A = a;
            public Dto(string b) => B = b;
            public int A { get; set; }
            public string? B { get; set; }
        }

        {{Contract.Replace(" dto", " {|RPCGEN045:dto|}")}}
        """);
}
