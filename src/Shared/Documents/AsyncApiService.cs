using System.Text.Json;
using System.Text.Json.Nodes;

namespace RpcGen.Documents;

/// <summary>Adds one service to an AsyncAPI document: its channels, and for each method an operation with its messages.</summary>
internal sealed class AsyncApiService
{
    private readonly RpcServiceDescription _service;
    private readonly AsyncApiParts _parts;
    private readonly string _prefix;
    private readonly string _action;
    private readonly DocumentSchemas _schemas;
    private readonly JsonObject _problem;
    private readonly JsonObject _requests = [];
    private readonly JsonObject _replies = [];
    private readonly JsonObject _broadcasts = [];
    private readonly string _requestsKey;
    private readonly string _repliesKey;
    private readonly string _broadcastsKey;

    /// <param name="service">The service.</param>
    /// <param name="parts">The document.</param>
    /// <param name="isClientView">Whether operations are those of callers.</param>
    /// <param name="prefix">The start of all keys.</param>
    public AsyncApiService(RpcServiceDescription service, AsyncApiParts parts, bool isClientView, string prefix)
    {
        _service = service;
        _parts = parts;
        _prefix = prefix;
        _action = isClientView ? "send" : "receive";
        _schemas = new DocumentSchemas(service, parts.Schemas, parts.SchemaKeys, "#/components/schemas/", prefix, isAsyncApi: true);
        _problem = _schemas.Add(parts.SchemaKeys.Take(prefix + "RpcProblem"), FaultSchemas.Problem());
        _requestsKey = parts.ChannelKeys.Take(prefix + "requests");
        _repliesKey = parts.ChannelKeys.Take(prefix + "replies");
        _broadcastsKey = parts.ChannelKeys.Take(prefix + "broadcasts");
    }

    /// <summary>Adds the service.</summary>
    public void Add()
    {
        foreach (RpcMethodDescription method in _service.Methods)
        {
            AddMethod(method);
        }

        string queue = _service.Service.Queue;
        AddChannel(_requestsKey, queue, "The queue of requests.", _requests, AsyncApiBindings.Queue(queue));
        AddChannel(_repliesKey, null, "The caller's own queue, whose name starts with 'rpc.cb.', or RabbitMQ's direct reply-to.", _replies, AsyncApiBindings.ReplyQueue());
        AddChannel(_broadcastsKey, queue + ".broadcast", "Every instance gets these messages.", _broadcasts, AsyncApiBindings.Fanout(queue + ".broadcast"));
    }

    private void AddMethod(RpcMethodDescription method)
    {
        string key = _parts.MessageKeys.Take(_prefix + method.Name);
        _parts.Messages[key] = AsyncApiMessages.Request(method, RequestBody(method));
        (string channel, JsonObject messages) = method.IsBroadcast ? (_broadcastsKey, _broadcasts) : (_requestsKey, _requests);
        var operation = new JsonObject
        {
            ["action"] = _action,
            ["channel"] = Reference("channels", channel),
            ["title"] = method.Name,
        };
        if (method.Summary is { } summary)
        {
            operation["summary"] = summary;
        }

        operation["messages"] = new JsonArray(AddTo(channel, messages, key));
        if (!method.IsOneWay && !method.IsBroadcast)
        {
            operation["reply"] = Reply(method, key);
        }

        operation["bindings"] = AsyncApiBindings.Operation(method);
        operation["x-rpcgen"] = Promises(method);
        _parts.Operations[_parts.OperationKeys.Take(_prefix + method.Name)] = operation;
    }

    private JsonObject Reply(RpcMethodDescription method, string key)
    {
        string result = _parts.MessageKeys.Take(key + (method.Items is null ? "Result" : "Items"));
        string fault = _parts.MessageKeys.Take(key + "Fault");
        _parts.Messages[result] = method.Items is { } items ? AsyncApiMessages.Items(method, _schemas.Copy(items)) : AsyncApiMessages.Result(method, _schemas.Copy(method.Result));
        _parts.Messages[fault] = AsyncApiMessages.Fault(method, FaultSchemas.Of(method, (JsonObject)_problem.DeepClone(), _schemas));
        return new JsonObject
        {
            ["address"] = new JsonObject { ["location"] = "$message.header#/replyTo", ["description"] = "The AMQP property reply_to of the request." },
            ["channel"] = Reference("channels", _repliesKey),
            ["messages"] = new JsonArray(AddTo(_repliesKey, _replies, result), AddTo(_repliesKey, _replies, fault)),
        };
    }

    /// <summary>The schema of the body, which does not contain streams.</summary>
    private JsonNode RequestBody(RpcMethodDescription method)
    {
        JsonNode body = _schemas.Copy(method.Arguments) ?? new JsonObject { ["type"] = "object" };
        if (body is JsonObject schema && schema["properties"] is JsonObject properties)
        {
            foreach (string stream in StreamsOf(method))
            {
                properties.Remove(stream);
            }
        }

        return body;
    }

    private JsonObject Promises(RpcMethodDescription method)
    {
        var promises = new JsonObject
        {
            ["delivery"] = method.Delivery switch
            {
                RpcDelivery.AtMostOnce => "at-most-once",
                RpcDelivery.Idempotent => "idempotent",
                _ => "at-least-once",
            },
            ["timeout"] = method.Timeout is { } timeout ? (long)timeout.TotalMilliseconds : null,
            ["cancellable"] = method.IsCancellable,
            ["durable"] = method.IsDurable,
        };
        if (method.Policies.Count > 0)
        {
            promises["policies"] = new JsonArray([.. method.Policies.Select(policy => (JsonNode)policy)]);
        }

        if (method.Items is not null)
        {
            promises["stream"] = true;
        }

        foreach (string stream in StreamsOf(method))
        {
            JsonObject uploads = promises["uploads"] as JsonObject ?? [];
            promises["uploads"] = uploads;
            uploads[stream] = _schemas.Copy(method.Arguments.GetProperty("properties").GetProperty(stream).TryGetProperty("items", out JsonElement items) ? items : null);
        }

        return promises;
    }

    private static string[] StreamsOf(RpcMethodDescription method) =>
        method.Arguments.ValueKind == JsonValueKind.Object && method.Arguments.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object
            ? [.. properties.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("stream", out _)).Select(property => property.Name)]
            : [];

    private static JsonObject AddTo(string channel, JsonObject messages, string key)
    {
        messages[key] = Reference("components/messages", key);
        return Reference($"channels/{channel}/messages", key);
    }

    private void AddChannel(string key, string? address, string description, JsonObject messages, JsonObject binding)
    {
        if (messages.Count > 0)
        {
            _parts.Channels[key] = new JsonObject { ["address"] = address, ["description"] = description, ["messages"] = messages, ["bindings"] = new JsonObject { ["amqp"] = binding } };
        }
    }

    private static JsonObject Reference(string path, string key) => new() { ["$ref"] = $"#/{path}/{key}" };
}
