using System.Text;

namespace RpcGen.Tests.Fuzzing;

/// <summary>A message before or after its mutation.</summary>
internal sealed record FuzzedMessage(string? Type, byte[] Body)
{
    public string? Id { get; init; } = "fuzz";

    public string? ReplyTo { get; init; }

    public string? ContentType { get; init; } = "application/json";

    public long Expiration { get; init; } = 10_000;

    public long Timestamp { get; init; }

    public Dictionary<string, object?>? Headers { get; init; }

    /// <summary>The exchange that it goes to. Through the default exchange it goes to the queue of the server or client.</summary>
    public string Exchange { get; init; } = "";

    /// <summary>The same as a reply to a request. In the body, <c>@</c> stands for the request's id.</summary>
    public FuzzedMessage Answering(string id) => this with { Id = id, Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Body).Replace("@", id, StringComparison.Ordinal)) };

    public override string ToString() => $"exchange '{Exchange}', type {Type ?? "(none)"}, id {Id ?? "(none)"}, expiration {Expiration}, content type {ContentType}, headers {Headers?.Count ?? 0}, body {Encoding.UTF8.GetString(Body)}";
}
