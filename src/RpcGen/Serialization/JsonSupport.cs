using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Serialization;

/// <summary>Asks the serializer itself whether it supports a type. Works with generated metadata too.</summary>
internal static class JsonSupport
{
    /// <summary>Throws if the serializer refuses the type, without regard to the types that it leads to.</summary>
    /// <param name="info">The type.</param>
    /// <param name="isRead">Whether values of the type are read.</param>
    /// <exception cref="NotSupportedException">The serializer refuses the type.</exception>
    public static void ThrowIfUnsupported(JsonTypeInfo info, bool isRead)
    {
        bool isOnlyBase = info.Type.IsAbstract && info.PolymorphismOptions is { DerivedTypes.Count: > 0 };
        if (isOnlyBase || !IsOfSerializer(info.Converter))
        {
            return; // what a converter of the application does is its own matter
        }

        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object when isRead && !IsCreatable(info):
                throw new NotSupportedException(
                    info.Type.IsAbstract
                        ? "it is abstract, and no [JsonDerivedType] names its derived types."
                        : "JSON cannot choose a constructor: make exactly one public, or mark one with [JsonConstructor].");
            case JsonTypeInfoKind.Enumerable when isRead:
                Probe("[]"u8, info);
                break;
            case JsonTypeInfoKind.Dictionary when isRead:
                Probe("{}"u8, info);
                break;
            case JsonTypeInfoKind.None when info.Type != typeof(JsonDocument):
                Probe("0"u8, info);
                break;
            default:
                break;
        }
    }

    /// <summary>Adds the types of elements, members and subtypes. Members that are only written are left out: their values can be of other types.</summary>
    public static void AddParts(JsonTypeInfo info, Queue<Type> parts)
    {
        if (info.ElementType is { } element)
        {
            parts.Enqueue(element);
        }

        foreach (JsonPropertyInfo member in info.Kind == JsonTypeInfoKind.Object ? info.Properties : [])
        {
            bool isRead = member.Set is not null || member.AssociatedParameter is not null;
            if (isRead && member is { CustomConverter: null, IsExtensionData: false })
            {
                parts.Enqueue(member.PropertyType);
            }
        }

        foreach (JsonDerivedType subtype in info.PolymorphismOptions?.DerivedTypes ?? [])
        {
            parts.Enqueue(subtype.DerivedType);
        }
    }

    private static bool IsOfSerializer(JsonConverter converter) => converter.GetType().Assembly == typeof(JsonSerializer).Assembly;

    private static bool IsCreatable(JsonTypeInfo info) =>
        info.Type == typeof(object) || info.CreateObject is not null || info.Properties.Any(member => member.AssociatedParameter is not null);

    /// <summary>Reads a value that creates at most an empty collection. It need not fit: only whether the serializer tries is of interest.</summary>
    private static void Probe(ReadOnlySpan<byte> value, JsonTypeInfo info)
    {
        try
        {
            JsonSerializer.Deserialize(value, info);
        }
#pragma warning disable CA1031 // Other failures, also of constructors of the application, depend on the value.
        catch (Exception e) when (e is not NotSupportedException)
#pragma warning restore CA1031
        {
        }
    }
}
