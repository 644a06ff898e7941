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

    /// <summary>Whether it goes to the exchange for cancels.</summary>
    public bool IsCancel { get; init; }

    public override string ToString() => $"type {Type ?? "(none)"}, id {Id ?? "(none)"}, expiration {Expiration}, content type {ContentType}, headers {Headers?.Count ?? 0}, body {Encoding.UTF8.GetString(Body)}";
}
