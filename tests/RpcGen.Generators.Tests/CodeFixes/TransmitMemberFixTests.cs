using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.CodeFixes;

/// <summary>Members that would not arrive are let through.</summary>
public sealed class TransmitMemberFixTests
{
    private const string Contract = "[AmqpRpc] public partial interface IFoo { Task A(Dto dto, CancellationToken ct); }";

    [Fact]
    public Task JsonInclude_and_init() => FixTest<JsonMetadataAnalyzer, TransmitMemberFix>.Check(
        $$"""
        public class Dto
        {
            /// <summary>Documented.</summary>
            public int {|RPCGEN056:A|} { get; private set; }

            // A comment.
            [Range(1, 2)]
            public int {|RPCGEN056:B|};

            public List<int> {|RPCGEN056:C|} { get; } = [];
            public Guid {|RPCGEN056:D|} { get; } = Guid.NewGuid();
        }

        {{Contract}}
        """,
        $$"""
        public class Dto
        {
            /// <summary>Documented.</summary>
            [JsonInclude]
            public int A { get; private set; }

            // A comment.
            [JsonInclude]
            [Range(1, 2)]
            public int B;

            public List<int> C { get; init; } = [];
            public Guid D { get; init; } = Guid.NewGuid();
        }

        {{Contract}}
        """);

    [Fact]
    public Task Fields_behind_getters_and_several_fields_have_no_single_edit() => FixTest<JsonMetadataAnalyzer, TransmitMemberFix>.CheckNone(
        $$"""
        public class Dto
        {
            private readonly List<int> _a = [];
            public IReadOnlyList<int> {|RPCGEN056:A|} => _a;
            public int {|RPCGEN056:B|}, {|RPCGEN056:C|};
        }

        {{Contract}}
        """);
}
