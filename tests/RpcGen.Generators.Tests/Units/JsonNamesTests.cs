using System.Text.Json;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Units;

public sealed class JsonNamesTests
{
    [Theory]
    [InlineData("Name")]
    [InlineData("name")]
    [InlineData("N")]
    [InlineData("URL")]
    [InlineData("URLPath")]
    [InlineData("ABc")]
    [InlineData("A1")]
    [InlineData("AB1")]
    [InlineData("_Name")]
    [InlineData("ÄÖü")]
    [InlineData("IsOK")]
    public void Names_are_those_of_the_serializer(string name) => Assert.Equal(
        JsonNamingPolicy.CamelCase.ConvertName(name),
        JsonNames.Of(new Snippet($"public class C1 {{ public int {name} {{ get; set; }} }}").Member("C1", name)));

    [Fact]
    public void Attributes_decide_what_is_transmitted_and_how_it_is_called()
    {
        var snippet = new Snippet("""
            public class C
            {
                [JsonPropertyName("x")] public int A { get; set; }
                [JsonIgnore] public int B { get; set; }
                [JsonIgnore(Condition = JsonIgnoreCondition.Always)] public int C1 { get; set; }
                [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public int D { get; set; }
                [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? E { get; set; }
                public int F;
                [JsonInclude] public int G;
                [JsonInclude] internal int H { get; set; }
                internal int I { get; set; }
                public int J { internal get; set; }
                public int K { set { } }
                public static int L { get; set; }
                public int this[int i] => i;
                public int M() => 1;
                public int N { get; }
            }
            """);
        Assert.Equal("x", JsonNames.Of(snippet.Member("C", "A")));
        Assert.Equal(
            ["A", "D", "E", "G", "H", "N"],
            snippet.Type("C").GetMembers().Where(member => JsonGraph.TypeOf(member) is not null).Select(member => member.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("int[]", "int")]
    [InlineData("int?", "int")]
    [InlineData("(string A, bool B)", "string bool")]
    [InlineData("List<string>", "string")]
    [InlineData("Dictionary<string, bool>", "string bool")]
    [InlineData("IAsyncEnumerable<char>", "char")]
    [InlineData("Memory<char>", "char")]
    [InlineData("ReadOnlyMemory<char>", "char")]
    [InlineData("string", "char")]
    [InlineData("Uri", "")]
    [InlineData("DayOfWeek", "")]
    [InlineData("Derived", "bool string")]
    [InlineData("Base", "string Derived")]
    public void A_type_leads_to_elements_members_and_derived_types(string type, string expected) => Assert.Equal(
        expected,
        string.Join(' ', JsonGraph.Next(Snippet.Named(type, "[JsonDerivedType(typeof(Derived))] public class Base { public string S { get; set; } = \"\"; } public class Derived : Base { public bool B { get; set; } }")).Select(inner => inner.ToDisplayString())));

    [Theory]
    [InlineData("int[,]", "use an array of arrays")]
    [InlineData("Action", "use a type that holds data")]
    [InlineData("Delegate", "use a type that holds data")]
    [InlineData("nint", "use a number of a fixed size")]
    [InlineData("nuint", "use a number of a fixed size")]
    [InlineData("CancellationToken", "use a type that holds data")]
    [InlineData("Task", "use a type that holds data")]
    [InlineData("Task<int>", "use a type that holds data")]
    [InlineData("ValueTask", "use a type that holds data")]
    [InlineData("ValueTask<int>", "use a type that holds data")]
    [InlineData("Type", "use a type that holds data")]
    [InlineData("System.IO.Stream", "use a type that holds data")]
    [InlineData("IAsyncEnumerable<int>", "use a list")]
    [InlineData("IComparable", "use a class that is not abstract, or name its derived classes with [JsonDerivedType]")]
    [InlineData("int", null)]
    [InlineData("List<int>", null)]
    [InlineData("IList<int>", null)]
    [InlineData("System.Collections.IEnumerable", null)]
    [InlineData("System.Text.Json.Nodes.JsonNode", null)]
    public void Unsupported_types_get_advice(string type, string? advice) => Assert.Equal(advice, new JsonWalk().In(Snippet.Named(type)).Select(found => found.Problem.Cause).FirstOrDefault());

    [Theory]
    [InlineData("Default", true)]
    [InlineData("Abstract", false)]
    [InlineData("Plain", false)]
    [InlineData("Outer+Private", false)]
    [InlineData("Outer+Inner", true)]
    [InlineData("Generic`1+Inner", false)]
    public void Contexts_must_be_accessible(string type, bool isUsable) => Assert.Equal(isUsable, JsonContextParser.IsUsable((INamedTypeSymbol)new Snippet("""
        public partial class Default : JsonSerializerContext;
        public abstract class Abstract : JsonSerializerContext;
        public class Plain;
        public class Outer { private class Private : JsonSerializerContext; internal class Inner : JsonSerializerContext; }
        public class Generic<T> { public class Inner : JsonSerializerContext; }
        """).Type(type)));
}
