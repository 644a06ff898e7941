using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>The JSON metadata of a contract, for one client or server. Thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcJson
{
    internal RpcJson(JsonSerializerOptions options, string contract)
    {
        Options = options;
        Contract = contract;
    }

    /// <summary>The options in effect, read-only.</summary>
    public JsonSerializerOptions Options { get; }

    /// <summary>The full name of the contract in C#.</summary>
    internal string Contract { get; }

    /// <summary>Gets how values of <typeparamref name="T"/> are written and read.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> has no JSON metadata. The message says how to add it.</exception>
    public JsonTypeInfo<T> GetTypeInfo<T>()
    {
        if (Options.TryGetTypeInfo(typeof(T), out JsonTypeInfo? info))
        {
            return (JsonTypeInfo<T>)info;
        }

        throw new InvalidOperationException(
            $"No JSON metadata for '{typeof(T)}', and reflection is off (PublishAot, PublishTrimmed or JsonSerializerIsReflectionEnabledByDefault). " +
            $"Add [JsonSerializable(typeof({typeof(T).Name}))] to a JsonSerializerContext in the contract's assembly, " +
            "or add a context of another assembly to JsonContexts of RpcConnectionOptions or RpcGenOptions.");
    }
}
