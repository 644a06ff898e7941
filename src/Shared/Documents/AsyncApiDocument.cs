using System.Text.Json.Nodes;

namespace RpcGen.Documents;

/// <summary>
/// Makes an AsyncAPI document of descriptions. It says how the services are called over RabbitMQ. It names no host, process or user, so it can be
/// kept in a repository, and it is the same for all instances with the same digest.
/// </summary>
internal static class AsyncApiDocument
{
    /// <summary>The version that is written.</summary>
    public const string DefaultSpecification = "3.0.0";

    /// <summary>Makes a document.</summary>
    /// <param name="services">The services. If there are several, their names are the start of all keys.</param>
    /// <param name="title">The document's title; null for the first service's queue.</param>
    /// <param name="isClientView">Whether operations are those of callers, who send requests, rather than those of the services.</param>
    /// <param name="specification">The version of AsyncAPI.</param>
    public static JsonObject Create(IReadOnlyList<RpcServiceDescription> services, string? title = null, bool isClientView = false, string specification = DefaultSpecification)
    {
        RpcServiceDescription? only = services.Count == 1 ? services[0] : null;
        var parts = new AsyncApiParts();
        foreach (RpcServiceDescription service in services)
        {
            new AsyncApiService(service, parts, isClientView, only is null ? service.Service.Queue + "." : "").Add();
        }

        return new JsonObject
        {
            ["asyncapi"] = specification,
            ["info"] = Info(title ?? (services.Count > 0 ? services[0].Service.Queue : ""), only),
            ["defaultContentType"] = "application/json",
            ["channels"] = parts.Channels,
            ["operations"] = parts.Operations,
            ["components"] = new JsonObject { ["schemas"] = parts.Schemas, ["messages"] = parts.Messages },
        };
    }

    private static JsonObject Info(string title, RpcServiceDescription? only)
    {
        var info = new JsonObject { ["title"] = title, ["version"] = only?.Service.Version ?? "1.0.0" };
        if (only?.Summary is { } summary)
        {
            info["description"] = summary;
        }

        if (only is not null)
        {
            info["x-rpcgen-contract"] = only.Service.Contract;
            info["x-rpcgen-digest"] = only.Service.Digest;
        }

        return info;
    }
}

/// <summary>The parts of a document that services add to.</summary>
internal sealed class AsyncApiParts
{
    public JsonObject Channels { get; } = [];

    public JsonObject Operations { get; } = [];

    public JsonObject Messages { get; } = [];

    public JsonObject Schemas { get; } = [];

    public DocumentKeys ChannelKeys { get; } = new();

    public DocumentKeys OperationKeys { get; } = new();

    public DocumentKeys MessageKeys { get; } = new();

    public DocumentKeys SchemaKeys { get; } = new();
}
