using System.Text;
using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Tests.Protocol;

/// <summary>What a service says of itself can be anything.</summary>
public sealed class DescriptionReaderTests
{
    [Theory]
    [InlineData("[]")]
    [InlineData("""{"methods":{}}""")]
    [InlineData("""{"methods":[{"name":"\ud800"}]}""")]
    [InlineData("""{"methods":[{"name":"Add","priority":256}]}""")]
    [InlineData("""{"methods":[{"name":"Add","timeout":22222222222222220}]}""")]
    public void A_description_that_cannot_be_read_is_refused(string text) =>
        Assert.ThrowsAny<JsonException>(() => DescriptionReader.Read(Encoding.UTF8.GetBytes(text)));
}
