using System.Buffers;
using RpcGen.Protocol;

namespace RpcGen.Client.Calls;

/// <summary>Puts the headers of a request together.</summary>
internal static class RequestHeaders
{
    /// <summary>A call with more headers is never batched.</summary>
    public const int MaxBatched = 32;

    /// <summary>A call with longer headers, in characters, is never batched.</summary>
    public const int MaxBatchedLength = 2048;

    /// <summary>The longest form of a character in JSON.</summary>
    private const int MaxEscapedLength = 6;

    /// <summary>Quotation marks, colon and comma of a member.</summary>
    private const int MemberOverhead = 6;

    /// <summary>The characters that JSON writers leave as they are.</summary>
    private static readonly SearchValues<char> Plain =
        SearchValues.Create(" !#$%()*,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~");

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

        foreach ((string name, object? value) in HeaderTables.Concrete(headers))
        {
            length += name.Length + ((string)value!).Length;
        }

        return length;
    }

    /// <summary>The most bytes that the headers take in an entry of a batch.</summary>
    public static int JsonLengthOf(IReadOnlyDictionary<string, object?>? headers)
    {
        int length = 0;
        if (headers is null)
        {
            return length;
        }

        foreach ((string name, object? value) in HeaderTables.Concrete(headers))
        {
            length += JsonLengthOf(name) + JsonLengthOf((string)value!) + MemberOverhead;
        }

        return length;
    }

    private static int JsonLengthOf(string text) => text.AsSpan().ContainsAnyExcept(Plain) ? MaxEscapedLength * text.Length : text.Length;

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
