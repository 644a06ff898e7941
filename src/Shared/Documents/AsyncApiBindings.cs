using System.Text.Json.Nodes;

namespace RpcGen.Documents;

/// <summary>The AMQP bindings of an AsyncAPI document.</summary>
internal static class AsyncApiBindings
{
    private const string Version = "0.3.0";

    /// <summary>The queue of a service.</summary>
    public static JsonObject Queue(string name) => Binding(("is", "queue"), ("queue", new JsonObject { ["name"] = name }));

    /// <summary>The queue of a caller.</summary>
    public static JsonObject ReplyQueue() => Binding(("is", "queue"), ("queue", new JsonObject { ["exclusive"] = true }));

    /// <summary>An exchange that every instance of a service is bound to.</summary>
    public static JsonObject Fanout(string name) =>
        Binding(("is", "routingKey"), ("exchange", new JsonObject { ["name"] = name, ["type"] = "fanout", ["durable"] = false, ["autoDelete"] = false }));

    /// <summary>A message with a type.</summary>
    public static JsonObject Message(string? type) => type is null ? Binding() : Binding(("messageType", type));

    /// <summary>How requests are published.</summary>
    public static JsonObject Operation(RpcMethodDescription method)
    {
        JsonObject binding = Binding(("deliveryMode", method.IsDurable ? 2 : 1), ("mandatory", !method.IsBroadcast));
        if (method.Timeout is { } timeout)
        {
            binding["expiration"] = (long)timeout.TotalMilliseconds;
        }

        if (method.Priority > 0)
        {
            binding["priority"] = method.Priority;
        }

        return new JsonObject { ["amqp"] = binding };
    }

    private static JsonObject Binding(params (string Name, JsonNode Value)[] members)
    {
        var binding = new JsonObject();
        foreach ((string name, JsonNode value) in members)
        {
            binding[name] = value;
        }

        binding["bindingVersion"] = Version;
        return binding;
    }
}
