using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests which types need JSON metadata, and which have it.</summary>
public sealed partial class JsonMetadataTests
{
    [Fact]
    public void The_list_of_framework_types_is_that_of_the_context()
    {
        string context = File.ReadAllText(Path.Combine(Compile.Metadata("ProjectDirectory"), "..", "..", "src", "RpcGen", "Serialization", "FrameworkJsonContext.cs"));
        Assert.Equal(
            Root().Matches(context).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal),
            FrameworkJson.Names.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("PublishAot", "true", true)]
    [InlineData("PublishTrimmed", "True", true)]
    [InlineData("IsAotCompatible", "true", true)]
    [InlineData("JsonSerializerIsReflectionEnabledByDefault", "false", true)]
    [InlineData("JsonSerializerIsReflectionEnabledByDefault", "true", false)]
    [InlineData("PublishAot", "false", false)]
    public void Metadata_is_missing_where_reflection_is_off(string property, string value, bool isOff) => Check(
        $"public record Order(string Id); [AmqpRpc] public partial interface IFoo {{ Task A(Order {(isOff ? "{|RPCGEN028:order|}" : "order")}, CancellationToken ct); }}",
        (property, value));

    [Fact]
    public void Reflection_may_be_on_all_the_same() => Check(
        "public record Order(string Id); [AmqpRpc] public partial interface IFoo { Task A(Order order, CancellationToken ct); }",
        ("PublishAot", "true"), ("JsonSerializerIsReflectionEnabledByDefault", "true"));

    [Fact]
    public void What_a_covered_type_leads_to_is_covered() => Check(
        """
        public record Line(int N);
        public abstract class Base { public Guid[]? Ids { get; set; } [JsonInclude] public Field? Included; }
        public class Field;
        [JsonDerivedType(typeof(Special))] public class Order : Base { public List<Line> Lines { get; set; } = []; public Dictionary<string, Colour?>? Map { get; set; } [JsonIgnore] public Secret? Ignored { get; set; } }
        public class Special : Order { public HashSet<long>? Numbers { get; set; } }
        public enum Colour { A }
        public class Secret;
        public class NotFoundException(string message, Secret secret) : Exception(message) { public Secret Secret { get; } = secret; }

        [JsonSerializable(typeof(Order[]))]
        internal sealed partial class Json : JsonSerializerContext;

        [AmqpRpc]
        public partial interface IFoo
        {
            Task<Order> A(Line line, List<Line> lines, Colour? colour, Dictionary<string, Colour?> map, Special special, HashSet<long> numbers, Field f, CancellationToken ct);
            Task B(Colour colour, Line[] {|RPCGEN028:array|}, Secret {|RPCGEN028:secret|}, List<short> {|RPCGEN028:shorts|}, CancellationToken ct);
            Task C(int n, string? s, Guid? g, byte[] b, ReadOnlyMemory<byte> m, DateTimeOffset d, List<string?> l, JsonElement e, dynamic {|RPCGEN058:o|}, CancellationToken ct);
        }

        [AmqpRpc]
        public partial interface IFaulty
        {
            [RpcFault<NotFoundException>("not-found")] Task {|RPCGEN028:A|}(CancellationToken ct);
        }
        """,
        ("PublishAot", "true"));

    [Fact]
    public void Tuples_are_lost_under_generated_metadata_only() => Check(
        """
        public record Holder((int A, string B)[] Pairs);
        public record Other((int A, string B) Pair);

        [JsonSerializable(typeof(Holder))]
        internal sealed partial class Json : JsonSerializerContext;

        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(Holder {|RPCGEN030:holder|}, Other other, (int, int) plain, CancellationToken ct);
        }
        """);

    [Fact]
    public void Options_that_agree_are_no_matter() => Check(
        """
        [JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
        [JsonSerializable(typeof(int))]
        internal sealed partial class Agreeing : JsonSerializerContext;

        [{|RPCGEN029:JsonSourceGenerationOptions(UseStringEnumConverter = true)|}]
        [JsonSerializable(typeof(int))]
        internal sealed partial class Other : JsonSerializerContext;

        [AmqpRpc] public partial interface IFoo { Task A(CancellationToken ct); }
        """);

    [Fact]
    public void Contexts_that_generated_code_cannot_name_cover_nothing() => Check(
        """
        public record Dto(int N);
        public partial class Outer { [JsonSerializable(typeof(Dto))] private partial class Hidden : JsonSerializerContext; }
        [AmqpRpc] public partial interface IFoo { Task A(Dto {|RPCGEN028:dto|}, CancellationToken ct); }
        """,
        ("PublishAot", "true"));

    [Fact]
    public void Faults_of_the_interface_that_declares_a_method_need_metadata_too() => Check(
        """
        public record Dto(int N);
        public class Fault(string message, Dto dto) : Exception(message) { public Dto Dto { get; } = dto; }
        [RpcFault<Fault>("f")] public interface IBase { Task A(CancellationToken ct); }
        [AmqpRpc] public partial interface {|RPCGEN028:IFoo|} : IBase;
        """,
        ("PublishAot", "true"));

    [Fact]
    public void Types_that_json_refuses() => Check("""
        public class Dto
        {
            public Action? Callback { get; set; }
            public Action Calculated => () => { };
            [JsonIgnore] public Action? Ignored { get; set; }
        }

        public record Lists(List<Dictionary<string, int[,]>> Grids);
        public abstract class Shape { public int N { get; set; } }
        public interface IThing { int N { get; } }
        public record Positional(IThing Thing);
        public record Held(System.IO.MemoryStream Content);
        [JsonConverter(typeof(int))] public abstract class Converted;
        [JsonDerivedType(typeof(Circle), "c")] public abstract class Open;
        public class Circle : Open { public IThing? Calculated => null; public Exception? Error => null; }
        public class Tree : Dictionary<string, Tree>;
        public class Fault(string message, IThing thing) : Exception(message) { public IThing Thing { get; } = thing; }

        [AmqpRpc]
        public partial interface IFoo
        {
            Task A(nint {|RPCGEN045:a|}, nuint? {|RPCGEN045:b|}, Action {|RPCGEN045:c|}, int[,] {|RPCGEN045:d|}, Type {|RPCGEN045:e|}, IAsyncEnumerable<short[,]> {|RPCGEN045:f|}, IAsyncEnumerable<int> g, CancellationToken ct);
            Task B(Held {|RPCGEN045:a|}, IComparable {|RPCGEN045:b|}, CancellationToken? {|RPCGEN045:c|}, Dto {|RPCGEN045:d|}, Lists {|RPCGEN045:e|}, List<Shape?> {|RPCGEN045:f|}, CancellationToken ct);
            Task<Task<int>> {|RPCGEN045:C|}(Positional {|RPCGEN045:p|}, CancellationToken ct);
            [RpcFault<Fault>("f")] ValueTask<List<IAsyncEnumerable<string>>> {|RPCGEN045:D|}(CancellationToken ct);
            Task<IThing?> {|RPCGEN045:E|}(CancellationToken ct);
            Task<Converted> F(Open o, Circle c, Tree t, System.Collections.IList l, IReadOnlyDictionary<string, Open?> d, ISet<int> s, System.Text.Json.Nodes.JsonValue v, object x, dynamic y, CancellationToken ct);
            Task<byte[]> G(ReadOnlyMemory<byte> m, Memory<int> n, KeyValuePair<string, Open> p, Lazy<int>? {|RPCGEN057:l|}, (Open, Circle) q, System.Collections.Immutable.ImmutableArray<Open> r, Uri u, Exception? {|RPCGEN045:w|}, CancellationToken ct);
            IAsyncEnumerable<long[,]> {|RPCGEN045:S|}(CancellationToken ct);
        }
        """);

    [Theory]
    [InlineData("PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase", false)]
    [InlineData("PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower", true)]
    [InlineData("DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase", true)]
    [InlineData("DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull", true)]
    [InlineData("NumberHandling = JsonNumberHandling.AllowReadingFromString", true)]
    [InlineData("UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow", true)]
    [InlineData("IncludeFields = true", true)]
    [InlineData("IgnoreReadOnlyProperties = true", true)]
    [InlineData("IncludeFields = false", false)]
    [InlineData("WriteIndented = true", false)]
    [InlineData("Converters = new[] { typeof(JsonStringEnumConverter<DayOfWeek>) }", true)]
    public void Options_that_differ_have_no_effect(string option, bool differs) => Check($$"""
        public record Order(string Id);
        [{{(differs ? "{|RPCGEN029:" : "")}}JsonSourceGenerationOptions({{option}}){{(differs ? "|}" : "")}}]
        [JsonSerializable(typeof(Order))]
        internal sealed partial class Json : JsonSerializerContext;
        [AmqpRpc] public partial interface IFoo { Task A(Order order, CancellationToken ct); }
        """);

    [Fact]
    public void Contexts_in_projects_without_contracts_are_ignored() => Check(
        """
        [JsonSourceGenerationOptions(UseStringEnumConverter = true)]
        [JsonSerializable(typeof(int))]
        internal sealed partial class Other : JsonSerializerContext;
        """);

    private static void Check(string markup, params (string, string)[] properties)
    {
        (string code, IReadOnlyList<string> expected) = Markup.Parse(markup);
        GeneratorRun run = GeneratorTest.Generate(Compile.Of(code));
        Assert.Equal(expected, GeneratorTest.Analyze(run.Output, properties).Select(Markup.Describe));
        GeneratorTest.AssertNone(run.Output.Complaints());
    }

    [GeneratedRegex(@"JsonSerializable\(typeof\((.*)\)\)\]")]
    private static partial Regex Root();
}
