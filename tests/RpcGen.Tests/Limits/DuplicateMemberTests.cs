using System.Text;
using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Serialization;
using RpcGen.Tests.Server;

namespace RpcGen.Tests.Limits;

/// <summary>A member that occurs twice is refused at any depth: readers of one message must not understand different things.</summary>
public sealed class DuplicateMemberTests
{
    private readonly BoundedService _service = new();

    [Theory]
    [InlineData("""{"stock":{"list":[1],"list":[2]}}""")]
    [InlineData("""{"stock":{"list":[1],"LIST":[2]}}""")]
    [InlineData("""{"stock":{"inner":{"inner":{"list":[1],"list":[2]}}}}""")]
    [InlineData("""{"stock":{"shelves":{"a":[],"a":[]}}}""")]
    [InlineData("""{"stock":{"immutable":{"1":1,"1":2}}}""")]
    [InlineData("""{"stock":{"more":1,"more":2}}""")]
    [InlineData("""{"stock":{"more":{"a":1,"a":2}}}""")]
    [InlineData("""{"stock":{"thing":{"$type":"bag","items":[],"items":[]}}}""")]
    public async Task In_arguments_it_is_a_violation(string body) =>
        Assert.StartsWith("stock", Assert.Single(await _service.ViolationsAsync("Store", body)).Key, StringComparison.Ordinal);

    [Fact]
    public void In_results_it_cannot_be_read()
    {
        JsonSerializerOptions options = RpcJsonFactory.Create([], new Generated.RpcContract("q")).Options;

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Stock>("""{"list":[1],"list":[2]}""", options));
    }

    [Theory]
    [InlineData("""{"type":"urn:rpcgen:fault:internal","type":"urn:rpcgen:fault:timeout"}""")]
    [InlineData("""{"type":"urn:rpcgen:fault:internal","data":{"a":1,"a":2}}""")]
    public void In_faults_it_cannot_be_read(string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);

        Assert.IsType<RpcProtocolException>(FaultReader.Read(bytes, TestMethod.Create("x"), "q", "1", hasEarlierAttempts: false, out _));
        Assert.Null(FaultReader.ReadCode(bytes));
    }

    [Fact]
    public void In_descriptions_it_cannot_be_read() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"queue":"a","queue":"b"}""", IntrospectionJsonContext.Default.RpcServiceDescription));
}
