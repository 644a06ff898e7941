using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Serialization;
using RpcGen.Server.Introspection;

namespace RpcGen.Tests.Server.Introspection;

public sealed class JsonSchemasTests
{
    private static readonly RpcJson Json = RpcJsonFactory.Create([], new RpcContract("q"));

    [Fact]
    public void Null_is_left_out_where_it_breaks_the_contract()
    {
        JsonElement schema = JsonSchemas.OfArguments(
            [new RpcProperty<string>(Json, "text") { RefusesNull = true }, new RpcProperty<string?>(Json, "note", null), new RpcProperty<int[]>(Json, "list") { RefusesNull = true }]);

        Assert.Equal(
            """{"type":"object","properties":{"text":{"type":"string"},"note":{"type":["string","null"]},"list":{"type":"array","items":{"type":"integer"}}},"required":["text","list"]}""",
            schema.GetRawText());
    }

    [Fact]
    public void What_takes_any_value_has_no_type_to_leave_null_out_of() =>
        Assert.Equal("""{"type":"object","properties":{"any":true},"required":["any"]}""", JsonSchemas.OfArguments([new RpcProperty<object>(Json, "any") { RefusesNull = true }]).GetRawText());

    [Fact]
    public void Without_required_parameters_none_are_listed() =>
        Assert.Equal("""{"type":"object","properties":{"note":{"type":["string","null"]}}}""", JsonSchemas.OfArguments([new RpcProperty<string?>(Json, "note", null)]).GetRawText());

    [Fact]
    public void Types_that_never_had_null_stay()
    {
        var resolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers = { type => type.NumberHandling = type.Type == typeof(int) ? JsonNumberHandling.AllowReadingFromString : type.NumberHandling },
        };

        JsonElement schema = JsonSchemas.OfArguments([new RpcProperty<int>(RpcJsonFactory.Create([resolver], new RpcContract("q")), "n") { RefusesNull = true }]);

        Assert.Equal("""["string","integer"]""", schema.GetProperty("properties").GetProperty("n").GetProperty("type").GetRawText());
    }

    [Fact]
    public void A_type_that_contains_itself_may_have_null_inside()
    {
        JsonElement tree = JsonSchemas.OfArguments([new RpcProperty<Tree>(Json, "tree") { RefusesNull = true }]).GetProperty("properties").GetProperty("tree");

        Assert.Equal("""["object","null"]""", tree.GetProperty("type").GetRawText());
        Assert.Equal("#/properties/tree", tree.GetProperty("properties").GetProperty("branches").GetProperty("items").GetProperty("$ref").GetString());
    }

    private sealed record Tree(IReadOnlyList<Tree?> Branches);
}
