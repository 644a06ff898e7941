namespace RpcGen.Protocol;

/// <summary>What the <c>batch</c> parameter of a <c>content_type</c> says.</summary>
internal enum BatchHint
{
    /// <summary>Nothing: the peer does not batch.</summary>
    None,

    /// <summary>
    /// <c>;batch=1</c>. In a request: the client reads batches and asks whether it can send some. In a reply: the server
    /// reads batches, and the method is quick enough for them.
    /// </summary>
    Batchable,

    /// <summary><c>;batch=0</c>, in a reply: the server reads batches, but the method is too slow for them.</summary>
    Unbatchable,
}

/// <summary>Reads and writes the <c>batch</c> parameter of a <c>content_type</c>. Allocates nothing.</summary>
internal static class BatchHints
{
    /// <summary>What a content type says.</summary>
    public static BatchHint Read(string? contentType) =>
        contentType is null || !contentType.Contains(';', StringComparison.Ordinal) ? BatchHint.None
        : contentType.EndsWith(WireNames.Batchable, StringComparison.Ordinal) ? BatchHint.Batchable
        : contentType.EndsWith(WireNames.Unbatchable, StringComparison.Ordinal) ? BatchHint.Unbatchable
        : BatchHint.None;

    /// <summary>The content type of JSON that says <paramref name="hint"/>.</summary>
    public static string Json(BatchHint hint) => hint switch
    {
        BatchHint.Batchable => WireNames.Json + WireNames.Batchable,
        BatchHint.Unbatchable => WireNames.Json + WireNames.Unbatchable,
        _ => WireNames.Json,
    };

    /// <summary>The content type of a fault that says <paramref name="hint"/>.</summary>
    public static string ProblemJson(BatchHint hint) => hint switch
    {
        BatchHint.Batchable => WireNames.ProblemJson + WireNames.Batchable,
        BatchHint.Unbatchable => WireNames.ProblemJson + WireNames.Unbatchable,
        _ => WireNames.ProblemJson,
    };
}
