using System.Text;
using System.Text.Json;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>What the tool says about arguments before it sends them.</summary>
public sealed class SchemaValidatorTests
{
    private const string Document = """{"$defs":{"Order":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a","b"]}}}""";

    [Theory]
    [InlineData("{}", "a: is required. b: is required.")] // not: must be null
    [InlineData("""{"a":"x","b":7}""", "a: must be integer. b: must be string.")]
    [InlineData("7", "$: must be object.")]
    [InlineData("null", "")]
    [InlineData("""{"a":1,"b":"x"}""", "")]
    public void A_value_that_can_be_null_is_checked_as_a_value(string value, string violations)
    {
        foreach (string schema in new[] { """{"anyOf":[{"$ref":"#/$defs/Order"},{"type":"null"}]}""", """{"anyOf":[{"type":"null"},{"$ref":"#/$defs/Order"}]}""" })
        {
            var document = new SchemaDocument(Encoding.UTF8.GetBytes(Document));

            Assert.Equal(violations, string.Join(" ", new SchemaValidator(document).Check(JsonElement.Parse(value), JsonElement.Parse(schema))));
        }
    }
}
