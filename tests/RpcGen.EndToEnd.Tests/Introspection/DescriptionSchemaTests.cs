using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>A description is one JSON Schema document, which says what the contract says.</summary>
public abstract class DescriptionSchemaTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task Types_are_defined_once_by_name()
    {
        JsonNode document = await DescribeAsync();

        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)document["$schema"]);
        Assert.Equal(
            ["Basket", "BasketLine", "Bill", "Branch", "Colour", "Goods", "GoodsBook", "GoodsSong", "ShelfOfGoods", "Toppings"],
            document["$defs"]!.AsObject().Select(definition => definition.Key));
        AssertSchema("""{"$ref":"#/$defs/Basket"}""", document["methods"]![0]!["arguments"]!["properties"]!["basket"]);
        AssertSchema("""{"type":"boolean","default":false}""", document["methods"]![0]!["arguments"]!["properties"]!["express"]);
        AssertSchema("""{"$ref":"#/$defs/Colour","default":0}""", document["methods"]![0]!["arguments"]!["properties"]!["colour"]);
    }

    [Fact]
    public async Task Results_elements_and_members_say_whether_they_can_be_null()
    {
        JsonNode document = await DescribeAsync();

        AssertSchema("""{"$ref":"#/$defs/Bill"}""", Method(document, "Place")["result"]);
        AssertSchema("""{"anyOf":[{"$ref":"#/$defs/Bill"},{"type":"null"}]}""", Method(document, "Find")["result"]);
        AssertSchema("""{"type":"array","items":{"type":["string","null"]}}""", Method(document, "Old")["result"]);
        AssertSchema("""{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}}""", Method(document, "Old")["arguments"]!["properties"]!["tags"]);
        AssertSchema("""{"type":"string"}""", Method(document, "Pair")["result"]!["properties"]!["Item1"]);
        AssertSchema("""{"type":["string","null"]}""", Method(document, "Pair")["result"]!["properties"]!["Item2"]);
        AssertSchema("""{"anyOf":[{"$ref":"#/$defs/Branch"},{"type":"null"}]}""", Member(document, "Branch", "next"));
        AssertSchema("""{"type":"array","items":{"$ref":"#/$defs/Branch"}}""", Member(document, "Branch", "twigs"));
        AssertSchema("""{"anyOf":[{"$ref":"#/$defs/Colour"},{"type":"null"}]}""", Member(document, "Bill", "colour"));
        AssertSchema("""{"$ref":"#/$defs/Goods"}""", Member(document, "ShelfOfGoods", "first"));
        AssertSchema("""{"$ref":"#/$defs/Branch"}""", Method(document, "Walk")["items"]);
    }

    [Fact]
    public async Task Formats_enums_rules_and_subtypes()
    {
        JsonNode document = await DescribeAsync();

        AssertSchema("""{"type":"integer","format":"uint64"}""", Member(document, "Bill", "number"));
        AssertSchema("""{"type":"number","format":"decimal"}""", Member(document, "Bill", "total"));
        AssertSchema("""{"type":"string","format":"date-time"}""", Member(document, "Bill", "at"));
        Assert.Equal("time-span", (string?)Member(document, "Bill", "wait")!["format"]);
        AssertSchema("""{"type":"string","contentEncoding":"base64"}""", Member(document, "Basket", "picture"));
        AssertSchema("""{"type":"integer","enum":[0,5],"x-enum-varnames":["Red","Green"]}""", Definition(document, "Colour"));
        AssertSchema("""{"type":"integer","x-enum-flags":{"None":0,"Cream":1,"Nuts":2}}""", Definition(document, "Toppings"));
        AssertSchema("""{"type":"integer","format":"int32","minimum":1,"maximum":100}""", Member(document, "BasketLine", "quantity"));
        AssertSchema("""{"type":"string","minLength":1}""", Member(document, "BasketLine", "article"));
        AssertSchema("""{"type":["string","null"],"deprecated":true,"x-deprecated":"Not used."}""", Member(document, "BasketLine", "note"));
        AssertSchema("""{"type":["string","null"],"format":"email","x-validation":["CreditCard"]}""", Member(document, "BasketLine", "contact"));
        AssertSchema("""{"type":"string","pattern":"\\S"}""", Member(document, "Basket", "customer"));
        AssertSchema("""["customer","lines","picture"]""", Definition(document, "Basket")["required"]);
        AssertSchema("""["article"]""", Definition(document, "BasketLine")["required"]);
        Assert.Equal("#/$defs/GoodsBook", (string?)Definition(document, "Goods")["oneOf"]![0]!["$ref"]);
        AssertSchema("""{"propertyName":"$type","mapping":{"book":"#/$defs/GoodsBook","song":"#/$defs/GoodsSong"}}""", Definition(document, "Goods")["discriminator"]);
        AssertSchema("""{"const":"book"}""", Definition(document, "GoodsBook")["properties"]!["$type"]);
    }

    [Fact]
    public async Task Faults_texts_and_promises()
    {
        JsonNode document = await DescribeAsync();

        AssertSchema(
            """{"type":"object","properties":{"article":{"type":"string"},"left":{"type":"integer","format":"int32"}},"required":["article","left"]}""",
            Method(document, "Place")["faultData"]!["sold-out"]);
        Assert.Equal("Finds a bill.", (string?)Method(document, "Find")["summary"]);
        Assert.Equal("Use Find.", (string?)Method(document, "Old")["deprecated"]);
        AssertSchema("""{"type":"integer","format":"int32","minimum":1,"maximum":1000}""", Method(document, "Find")["arguments"]!["properties"]!["number"]);
        AssertSchema("""{"type":["string","null"],"minLength":2,"maxLength":20,"pattern":"^(?:[a-z]+)?$"}""", Method(document, "Find")["arguments"]!["properties"]!["hint"]);
        Assert.True((bool)Method(document, "Find")["cancellable"]!);
    }

    [Fact]
    public async Task Instances_with_the_same_contract_have_the_same_digest()
    {
        RpcConnection first = await ConnectAsync();
        RpcConnection second = await ConnectAsync();
        await first.ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);
        RpcServiceDescription one = await second.DescribeAsync(Queue, Cancel).OrFail();
        await first.DisposeAsync();
        await second.ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);
        RpcServiceDescription other = await second.DescribeAsync(Queue, Cancel).OrFail();
        RpcPing ping = await second.PingAsync(Queue, Cancel).OrFail();

        Assert.StartsWith("sha256-", one.Service.Digest, StringComparison.Ordinal);
        Assert.NotEqual(one.Service.Instance.Id, other.Service.Instance.Id);
        Assert.Equal(WithoutInstance(one), WithoutInstance(other));
        Assert.Equal((one.Service.Digest, one.Service.Digest, "RpcGen.EndToEnd.Tests.Contracts.IKiosk"), (other.Service.Digest, ping.Service.Digest, ping.Service.Contract));
    }

    private static string WithoutInstance(RpcServiceDescription description)
    {
        JsonObject document = JsonNode.Parse(description.Utf8Json.Span)!.AsObject();
        document.Remove("instance");
        document.Remove("counters");
        return document.ToJsonString();
    }

    private static JsonNode Method(JsonNode document, string name) => document["methods"]!.AsArray().Single(method => (string?)method!["name"] == name)!;

    private static JsonObject Definition(JsonNode document, string name) => document["$defs"]![name]!.AsObject();

    private static JsonNode? Member(JsonNode document, string type, string name) => Definition(document, type)["properties"]![name];

    private static void AssertSchema(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\n  actual {actual?.ToJsonString() ?? "none"}");

    private async Task<JsonNode> DescribeAsync()
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);
        RpcServiceDescription description = await (await ConnectAsync()).DescribeAsync(Queue, Cancel).OrFail();
        return JsonNode.Parse(description.Utf8Json.Span)!;
    }
}

public sealed class DescriptionSchemaTestsInMemory(MemoryBroker broker) : DescriptionSchemaTests(broker), IClassFixture<MemoryBroker>;

public sealed class DescriptionSchemaTestsOnRabbitMq(SharedRabbit broker) : DescriptionSchemaTests(broker);
