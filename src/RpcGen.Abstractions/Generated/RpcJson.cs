using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>The JSON metadata of a contract, for one client or server. Thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcJson
{
    /// <summary>The default of <see cref="MaxKeyedElements"/>.</summary>
    internal const int DefaultMaxKeyedElements = 20_000;

    private readonly ConcurrentDictionary<Type, KeyedShape?> _shapes;

    internal RpcJson(JsonSerializerOptions options, string contract, bool ignoresArgumentCase = false)
        : this(options, contract, ignoresArgumentCase, DefaultMaxKeyedElements, [])
    {
    }

    private RpcJson(JsonSerializerOptions options, string contract, bool ignoresArgumentCase, int maxKeyedElements, ConcurrentDictionary<Type, KeyedShape?> shapes)
    {
        IgnoresArgumentCase = ignoresArgumentCase;
        Options = options;
        Contract = contract;
        MaxKeyedElements = maxKeyedElements;
        _shapes = shapes;
    }

    /// <summary>The options in effect, read-only.</summary>
    public JsonSerializerOptions Options { get; }

    /// <summary>The full name of the contract in C#.</summary>
    internal string Contract { get; }

    /// <summary>Whether the names of arguments are compared without regard to case.</summary>
    internal bool IgnoresArgumentCase { get; }

    /// <summary>The most elements of a dictionary or set whose keys can collide.</summary>
    internal int MaxKeyedElements { get; }

    /// <summary>Gets how values of <typeparamref name="T"/> are written and read.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> has no JSON metadata, or JSON refuses it. The message says why.</exception>
    public JsonTypeInfo<T> GetTypeInfo<T>() =>
        FindTypeInfo<T>(out InvalidOperationException? problem) ?? throw problem!;

    /// <summary>Gets how values of <typeparamref name="T"/> are written and read; null, and the reason, if JSON does not support the type.</summary>
    internal JsonTypeInfo<T>? FindTypeInfo<T>(out InvalidOperationException? problem)
    {
        try
        {
            bool isKnown = Options.TryGetTypeInfo(typeof(T), out JsonTypeInfo? info);
            problem = isKnown ? null : MissingMetadata(typeof(T));
            return (JsonTypeInfo<T>?)info;
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException)
        {
            problem = new InvalidOperationException($"JSON refuses the type '{typeof(T)}': {e.Message}", e);
            return null;
        }
    }

    private static InvalidOperationException MissingMetadata(Type type) => new(
        $"No JSON metadata for '{type}', and reflection is off (PublishAot, PublishTrimmed or JsonSerializerIsReflectionEnabledByDefault). " +
        $"Add [JsonSerializable(typeof({type.Name}))] to a JsonSerializerContext in the contract's assembly, " +
        "or add a context of another assembly to JsonContexts of RpcConnectionOptions or RpcGenOptions.");

    /// <summary>The same metadata with another limit.</summary>
    internal RpcJson WithMaxKeyedElements(int maxKeyedElements) =>
        maxKeyedElements == MaxKeyedElements ? this : new RpcJson(Options, Contract, IgnoresArgumentCase, maxKeyedElements, _shapes);

    /// <summary>Finds the keyed collection with which a value exceeds the limit. Costs nothing for small values, and little for types without such collections.</summary>
    /// <param name="type">The type that the value is to be read as.</param>
    /// <param name="json">A reader that stands at the value.</param>
    /// <param name="bytes">The size of the value, or of what it is a part of.</param>
    /// <param name="name">The value's name, with which the path begins.</param>
    /// <returns>The collection's path; null if the value does not exceed the limit.</returns>
    internal string? FindExcess(Type type, Utf8JsonReader json, int bytes, string name) =>
        KeyedScan.CanExceed(bytes, MaxKeyedElements) && ShapeOf(type) is { } shape ? KeyedScan.Find(json, shape, MaxKeyedElements, name) : null;

    /// <summary>Throws if a value of a reply exceeds the limit for keyed collections.</summary>
    /// <exception cref="JsonException">The limit is exceeded, or the value is not JSON.</exception>
    internal void ThrowIfExcessive(Type type, ReadOnlySpan<byte> value)
    {
        if (!KeyedScan.CanExceed(value.Length, MaxKeyedElements) || ShapeOf(type) is null)
        {
            return;
        }

        var json = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        json.Read();
        if (FindExcess(type, json, value.Length, Violations.WholePath) is { } path)
        {
            throw new JsonException($"its dictionaries and sets have more elements than the client accepts (MaxKeyedElements = {MaxKeyedElements}), at '{path}'.");
        }
    }

    private KeyedShape? ShapeOf(Type type) => _shapes.GetOrAdd(type, static (type, options) => KeyedShapeBuilder.Build(type, options), Options);
}
