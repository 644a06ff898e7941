using System.Text.Json.Serialization;

namespace RpcGen.Benchmarks.Workloads;

/// <summary>What the echo workload sends to and fro: about 1 KB as JSON.</summary>
public sealed record Document(int Id, string Title, string Author, double Price, bool IsDraft, string[] Tags, string Text)
{
    /// <summary>The one that is sent.</summary>
    public static Document Sample { get; } = new(
        42,
        "On the cost of a call",
        "A. Person",
        19.95,
        true,
        ["rpc", "rabbitmq", "dotnet"],
        string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 20)));
}

/// <summary>JSON metadata, for every peer that reads and writes JSON by itself.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Document))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
