using RpcGen.Protocol;

namespace RpcGen.Client.Calls;

/// <summary>Puts the headers of a request together.</summary>
internal static class RequestHeaders
{
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
