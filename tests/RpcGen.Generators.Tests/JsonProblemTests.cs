using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Where problems of types in JSON are reported, and how often. Which types have problems is compared with the serializer.</summary>
public sealed class JsonProblemTests
{
    [Fact]
    public void Problems_of_a_declaration_are_reported_there_once_for_all_contracts() => DiagnosticTest.Check("""
        public class Order { public List<Line> Lines { get; set; } = []; }
        public class Line { public int {|RPCGEN056:N|} { get; private set; } }
        public class Clash { public int Id { get; set; } public int {|RPCGEN055:ID|} { get; set; } }
        [AmqpRpc] public partial interface IOne { Task A(Order order, Clash clash, CancellationToken ct); Task<Line> B(CancellationToken ct); }
        [AmqpRpc] public partial interface ITwo { Task<Dictionary<string, Line>> A(Clash clash, CancellationToken ct); }
        """);

    [Fact]
    public void Problems_of_other_types_are_reported_where_the_contract_leads_to_them() => DiagnosticTest.Check("""
        public record Sums(System.Numerics.BigInteger Total);
        public class Failed(string message, Range range) : Exception(message) { public Range Range { get; } = range; }
        [AmqpRpc] public partial interface IOne { Task A(Sums {|RPCGEN057:sums|}, CancellationToken ct); [RpcFault<Failed>("failed")] Task<Stack<int>[]> {|RPCGEN057,RPCGEN057:B|}(CancellationToken ct); }
        """);

    [Fact]
    public void Types_of_other_assemblies_have_no_syntax()
    {
        CSharpCompilation library = Compile.Of("""
            public class Entity { public int Id { get; private set; } public int Twice => Id * 2; [JsonInclude] public int Kept { get; private set; } public int Fixed { get; } }
            public record Fine(int A) { public int B => A; }
            """).WithAssemblyName("Library");
        using var image = new MemoryStream();
        Assert.True(library.WithOptions(library.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default)).Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        CSharpCompilation project = Compile.Of("[AmqpRpc] public partial interface IOne { Task A(Entity entity, Fine fine, CancellationToken ct); }")
            .AddReferences(MetadataReference.CreateFromImage(image.ToArray()));
        IEnumerable<Diagnostic> found = GeneratorTest.Analyze(GeneratorTest.Generate(project).Output);
        Assert.Equal(["'Entity.Fixed'", "'Entity.Id'"], found.Select(diagnostic => diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.All(found, diagnostic => Assert.Equal("RPCGEN056 at 'entity'", Markup.Describe(diagnostic)));
    }

    [Fact]
    public void Messages_name_member_contract_and_cause() => Assert.Equal(
        [
            "'Dto.A' does not arrive with messages of 'IOne': JSON writes it but cannot set it, because its setter is not public: mark it [JsonInclude]",
            "'Stack<int>' does not arrive with messages of 'IOne' as it was sent: its elements arrive in reverse order, so use a list",
            "JSON does not support 'Two', so calls of 'IOne' that transmit it fail: JSON cannot choose a constructor, so make exactly one public, or mark one with [JsonConstructor], or give it a [JsonConverter]",
        ],
        DiagnosticTest.Messages("""
        public class Dto { public int A { get; private set; } }
        public class Two { public Two(int a) => A = a; public Two(int a, int b) => A = a + b; public int A { get; set; } }
        [AmqpRpc] public partial interface IOne { Task A(Dto dto, Stack<int> stack, Two two, CancellationToken ct); }
        """).Order(StringComparer.Ordinal));
}
