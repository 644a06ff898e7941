using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen.Client.Calls;

/// <summary>Reads results from the bodies of replies.</summary>
internal static class JsonResult
{
    /// <summary>Reads a result.</summary>
    /// <exception cref="JsonException">The body is no such result.</exception>
    public static TResult Read<TResult>(ReadOnlySpan<byte> body, JsonTypeInfo<TResult> type, RpcJson json)
    {
        if (body.IsEmpty)
        {
            throw new JsonException("the body is empty, but the method has a result.");
        }

        json.ThrowIfExcessive(typeof(TResult), body);
        try
        {
            return JsonSerializer.Deserialize(body, type)!;
        }
        catch (JsonException e) when (UnreadableValue.FindTextForNumber(body, type, e) is { } path)
        {
            throw new JsonException($"'{path}' is a text, but the contract has a number. Server and client are built from contracts that differ, for example in [RpcJson].", e);
        }
    }
}
