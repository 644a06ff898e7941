using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>The JSON metadata of one client or server. Thread-safe.</summary>
public sealed class RpcJson
{
    internal RpcJson(JsonSerializerOptions options) => Options = options;

    /// <summary>The options that govern, read-only.</summary>
    public JsonSerializerOptions Options { get; }

    /// <summary>How values of <typeparamref name="T"/> are written and read.</summary>
    /// <exception cref="InvalidOperationException">No metadata covers <typeparamref name="T"/>; the message says how to add it.</exception>
    public JsonTypeInfo<T> GetTypeInfo<T>()
    {
        if (Options.TryGetTypeInfo(typeof(T), out JsonTypeInfo? info))
        {
            return (JsonTypeInfo<T>)info;
        }

        throw new InvalidOperationException(
            $"No JSON metadata for '{typeof(T)}', and reflection is off (PublishAot, PublishTrimmed or JsonSerializerIsReflectionEnabledByDefault). " +
            $"Add [JsonSerializable(typeof({typeof(T).Name}))] to a JsonSerializerContext in the contract's assembly, " +
            "or name a context of another assembly in the options' JsonContexts.");
    }
}
