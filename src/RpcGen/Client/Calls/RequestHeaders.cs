using RpcGen.Protocol;

namespace RpcGen.Client.Calls;

/// <summary>Puts the headers of a request together.</summary>
internal static class RequestHeaders
{
    /// <summary>A call with more headers is never batched.</summary>
    public const int MaxBatched = 32;

    /// <summary>A call with longer headers, in characters, is never batched.</summary>
    public const int MaxBatchedLength = 2048;

    /// <summary>Whether a call with these headers can be batched.</summary>
    public static bool CanBatch(IReadOnlyDictionary<string, object?>? headers) =>
        headers is null || (headers.Count <= MaxBatched && LengthOf(headers) <= MaxBatchedLength);

    /// <summary>The number of characters in names and values.</summary>
    public static int LengthOf(IReadOnlyDictionary<string, object?>? headers)
    {
        int length = 0;
        if (headers is null)
        {
            return length;
        }

        foreach ((string name, object? value) in headers)
        {
            length += name.Length + ((string)value!).Length;
        }

        return length;
    }

    /// <summary>The headers with the call's span added; null for none.</summary>
    public static IReadOnlyDictionary<string, object?>? Create(IReadOnlyDictionary<string, object?>? headers, string? traceParent)
    {
        if (traceParent is null)
        {
            return headers;
        }

        Dictionary<string, object?> all = headers is null ? new(StringComparer.Ordinal) : new(headers, StringComparer.Ordinal);
        all[WireNames.TraceParent] = traceParent;
        return all;
    }
}
