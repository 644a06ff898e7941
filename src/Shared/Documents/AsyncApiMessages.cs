using System.Text.Json.Nodes;

namespace RpcGen.Documents;

/// <summary>The messages of an AsyncAPI document.</summary>
internal static class AsyncApiMessages
{
    /// <summary>A request.</summary>
    public static JsonObject Request(RpcMethodDescription method, JsonNode body)
    {
        JsonObject request = Message(method.Name, method.Name, "application/json", body, hasReply: !method.IsOneWay && !method.IsBroadcast);
        if (method.Deprecation is { } reason)
        {
            request["description"] = $"Deprecated. {reason}".TrimEnd();
        }

        return request;
    }

    /// <summary>A reply with a result. Without a result, its body is empty.</summary>
    public static JsonObject Result(RpcMethodDescription method, JsonNode? body) =>
        Message($"{method.Name}Result", type: null, body is null ? null : "application/json", body, hasReply: false);

    /// <summary>Replies with items of a stream.</summary>
    public static JsonObject Items(RpcMethodDescription method, JsonNode? item)
    {
        var list = new JsonObject { ["type"] = "array" };
        if (item is not null)
        {
            list["items"] = item;
        }

        JsonObject items = Message($"{method.Name}Items", "item", "application/json", list, hasReply: false);
        items["description"] = "Items of the stream. The last message has the type 'end'. The protocol of streams also has grants and beats, which are not described here.";
        return items;
    }

    /// <summary>A reply with a fault.</summary>
    public static JsonObject Fault(RpcMethodDescription method, JsonNode body) =>
        Message($"{method.Name}Fault", "fault", "application/problem+json", body, hasReply: false);

    private static JsonObject Message(string name, string? type, string? contentType, JsonNode? body, bool hasReply)
    {
        var headers = new JsonObject { ["correlationId"] = Text("The AMQP property correlation_id. A reply has that of its request.") };
        if (hasReply)
        {
            headers["replyTo"] = Text("The AMQP property reply_to: where the reply goes.");
        }

        var message = new JsonObject
        {
            ["name"] = name,
            ["headers"] = new JsonObject { ["type"] = "object", ["properties"] = headers },
            ["correlationId"] = new JsonObject { ["location"] = "$message.header#/correlationId" },
        };
        if (contentType is not null)
        {
            message["contentType"] = contentType;
        }

        if (body is not null)
        {
            message["payload"] = body;
        }

        message["bindings"] = new JsonObject { ["amqp"] = AsyncApiBindings.Message(type) };
        return message;
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };
}
