using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Client.Calls;

/// <summary>Reads JSON whose type the caller does not know.</summary>
internal static class RawResult
{
    /// <summary>Checks that a reply is JSON, and copies it. Empty for a method without a result.</summary>
    /// <exception cref="JsonException">The reply is not JSON.</exception>
    public static ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        ThrowIfNoJson(body);
        return body.ToArray();
    }

    /// <summary>Checks that bytes are one JSON value.</summary>
    /// <exception cref="JsonException">They are not.</exception>
    public static void ThrowIfNoJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
        while (reader.Read())
        {
        }
    }
}
