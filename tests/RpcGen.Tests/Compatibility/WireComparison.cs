using System.Text;
using System.Text.Json.Nodes;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Compatibility;

/// <summary>Whether a message can stand in the place of a recorded one. It can say more than that, but nothing else.</summary>
internal static class WireComparison
{
    private const string Bytes = "application/octet-stream";

    public static void AssertMeansTheSame(WireMessage recorded, WireMessage actual)
    {
        Assert.Equal((recorded.Exchange, recorded.RoutingKey), (actual.Exchange, actual.RoutingKey));
        Assert.Equal((recorded.Decoded.Type, recorded.Decoded.CorrelationId), (actual.Decoded.Type, actual.Decoded.CorrelationId));
        Assert.Equal((recorded.Decoded.ReplyTo, recorded.Decoded.MessageId), (actual.Decoded.ReplyTo, actual.Decoded.MessageId));
        Assert.Equal(MediaType(recorded), MediaType(actual));
        AssertContains(Json(recorded), Json(actual with { Body = WireIds.MaskProcess(actual.Body) }), actual);
    }

    private static string? MediaType(WireMessage message) => message.Decoded.ContentType?.Split(';')[0];

    /// <summary>The body as one JSON value, batches as an array; null without a body.</summary>
    private static JsonNode? Json(WireMessage message)
    {
        string? type = message.Decoded.Type;
        string text = Encoding.UTF8.GetString(message.Body);
        if (MediaType(message) == Bytes)
        {
            return text;
        }

        text = message.IsFromClient ? BatchText.ReadRequest(type, text) : BatchText.ReadReply(type, text);
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }

    private static void AssertContains(JsonNode? recorded, JsonNode? actual, WireMessage message)
    {
        switch (recorded)
        {
            case JsonObject members:
                foreach ((string name, JsonNode? value) in members)
                {
                    AssertContains(value, Assert.IsType<JsonObject>(actual)[name], message);
                }

                break;
            case JsonArray items:
                JsonArray others = Assert.IsType<JsonArray>(actual);
                Assert.True(others.Count >= items.Count, $"{actual} instead of {recorded}");
                for (int i = 0; i < items.Count; i++)
                {
                    AssertContains(items[i], others[i], message);
                }

                break;
            default:
                Assert.True(JsonNode.DeepEquals(recorded, actual), $"{actual} instead of {recorded} in {Encoding.UTF8.GetString(message.Body)}");
                break;
        }
    }
}
