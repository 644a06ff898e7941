using System.Text.Json.Serialization;

namespace RpcGen.Benchmarks.Workloads;

/// <summary>The document of the echo workload: about 1 KB of JSON.</summary>
public sealed record Document(int Id, string Title, string Author, double Price, bool IsDraft, string[] Tags, string Text)
{
    /// <summary>The document that is sent.</summary>
    public static Document Sample { get; } = new(
        42,
        "On the cost of a call",
        "A. Person",
        19.95,
        true,
        ["rpc", "rabbitmq", "dotnet"],
        string.Concat(Enumerable.Repeat("The quick brown fox jumps over the lazy dog. ", 20)));
}

/// <summary>JSON metadata for peers that read and write JSON themselves.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Document))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(string))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
