using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Serialization;
using RpcGen.Server.Introspection;

namespace RpcGen.Tests.Server.Introspection;

public sealed class SchemaDefinitionsTests
{
    private static readonly RpcJson Json = RpcJsonFactory.Create([], new RpcContract("q"));

    private readonly SchemaDefinitions _definitions = new(new ContractFacts(new RpcContract("q")));

    [Fact]
    public void A_type_is_defined_once_and_refers_to_itself()
    {
        AssertJson("""{"$ref":""}""", Describe<Tree>());
        AssertJson("""{"$ref":""}""", Describe<Tree>());

        AssertJson(
            """
            {"Tree":{"type":"object","properties":{
                "branches":{"type":"array","items":{"$ref":"#/$defs/Tree"}},
                "next":{"anyOf":[{"$ref":"#/$defs/Tree"},{"type":"null"}]}},
             "required":["branches","next"]}}
            """,
            _definitions.Complete());
    }

    [Fact]
    public void Types_of_the_same_name_have_long_names()
    {
        JsonObject first = Describe<First.Line>();
        JsonObject second = Describe<Second.Line>();
        JsonObject all = Describe<Box<Tree[]>>();

        Assert.Equal(["BoxOfTreeArray", "FirstLine", "SecondLine", "Tree"], _definitions.Complete().Select(entry => entry.Key));
        Assert.Equal(("#/$defs/FirstLine", "#/$defs/SecondLine", "#/$defs/BoxOfTreeArray"), ((string?)first["$ref"], (string?)second["$ref"], (string?)all["$ref"]));
    }

    [Fact]
    public void What_a_converter_writes_is_any_value() => AssertJson("{}", Describe<object>());

    [Fact]
    public void A_collection_of_the_application_is_defined() =>
        AssertJson("""{"Rope":{"type":"array","items":{"$ref":"#/$defs/Rope"}}}""", DescribeAll<Rope>());

    [Fact]
    public void Subtypes_without_discriminator_are_a_choice()
    {
        JsonObject all = DescribeAll<Shape>();

        Assert.True(all["Shape"]!["anyOf"] is JsonArray { Count: 2 }, all.ToJsonString());
        Assert.Null(all["Shape"]!["discriminator"]);
    }

    [Theory]
    [InlineData("""{"type":"string"}""", """{"nullable":true,"minLength":1}""", """{"type":["string","null"],"minLength":1}""")]
    [InlineData("""{"$ref":"x"}""", """{"nullable":true,"description":"d"}""", """{"anyOf":[{"$ref":"x"},{"type":"null"}],"description":"d"}""")]
    [InlineData("""{"anyOf":[{"$ref":"x"},{"type":"null"}]}""", """{"nullable":false}""", """{"$ref":"x"}""")]
    [InlineData("""{"anyOf":[{"$ref":"x"},{"type":"null"}]}""", """{"nullable":true}""", """{"anyOf":[{"$ref":"x"},{"type":"null"}]}""")]
    [InlineData("""{"type":["string","null"],"enum":["a",null]}""", """{"nullable":false}""", """{"type":"string","enum":["a"]}""")]
    [InlineData("""{}""", """{"nullable":true}""", """{}""")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", """{"items":{"nullable":true}}""", """{"type":"array","items":{"type":["string","null"]}}""")]
    [InlineData("""{"type":"string"}""", """{"items":{"nullable":true}}""", """{"type":"string"}""")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"properties":{"a":{"minLength":1},"b":{"minLength":2}}}""", """{"properties":{"a":{"type":"string","minLength":1}}}""")]
    public void Facts_are_merged(string schema, string facts, string expected) =>
        AssertJson(expected, SchemaOverlay.Apply(JsonNode.Parse(schema)!.AsObject(), JsonNode.Parse(facts)!.AsObject()));

    [Fact]
    public void Numbers_from_text_keep_their_types()
    {
        var resolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers = { type => type.NumberHandling = type.Type == typeof(int) ? JsonNumberHandling.AllowReadingFromString : type.NumberHandling },
        };

        JsonObject schema = _definitions.Describe(RpcJsonFactory.Create([resolver], new RpcContract("q")).GetTypeInfo<int>(), facts: null);

        Assert.Equal("""["string","integer"]""", schema["type"]!.ToJsonString());
    }

    [Fact]
    public void Facts_of_the_contract_complete_types_and_enums()
    {
        var definitions = new SchemaDefinitions(new ContractFacts(new RpcContract("q")
        {
            Facts = () => """
                {"types":{"RpcGen.Tests.Server.Introspection.SchemaDefinitionsTests+Colour":{"names":["Red"],"values":[0],"description":"A colour."},
                 "RpcGen.Tests.Server.Introspection.SchemaDefinitionsTests+First+Line":{"properties":{"text":{"minLength":1}},"required":["text"],"description":"A line."}}}
                """,
        }));
        definitions.Describe(Json.GetTypeInfo<Colour>(), facts: null);
        definitions.Describe(Json.GetTypeInfo<First.Line>(), facts: null);

        AssertJson(
            """
            {"Colour":{"type":"integer","enum":[0],"x-enum-varnames":["Red"],"description":"A colour."},
             "Line":{"type":"object","properties":{"text":{"type":["string","null"],"minLength":1}},"description":"A line.","required":["text"]}}
            """,
            definitions.Complete());
    }

    private JsonObject Describe<T>() => _definitions.Describe(Json.GetTypeInfo<T>(), facts: null);

    private JsonObject DescribeAll<T>()
    {
        Describe<T>();
        return _definitions.Complete();
    }

    private static void AssertJson(string expected, JsonNode actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());

    private sealed record Tree(IReadOnlyList<Tree> Branches, Tree? Next);

    private sealed record Box<T>(T Content);

    private sealed class Rope : List<Rope>;

    private enum Colour
    {
        Red,
    }

    [JsonDerivedType(typeof(Circle))]
    private record Shape(int Size);

    private sealed record Circle(int Size, int Radius) : Shape(Size);

    private static class First
    {
        public sealed class Line
        {
            public string? Text { get; set; }
        }
    }

    private static class Second
    {
        public sealed class Line
        {
            public int Number { get; set; }
        }
    }
}
