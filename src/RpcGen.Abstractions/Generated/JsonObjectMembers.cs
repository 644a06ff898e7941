using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>Looks at the members of a JSON object's type.</summary>
internal static class JsonObjectMembers
{
    /// <summary>How many members are tried, because each costs another reading of the object.</summary>
    private const int MaxTried = 16;

    /// <summary>The member of a JSON name; null if it is unknown.</summary>
    public static JsonPropertyInfo? Find(JsonTypeInfo type, string name) =>
        type.Properties.FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the member is set at all.</summary>
    public static bool IsRead(JsonPropertyInfo member) => member.Set is not null || member.AssociatedParameter is not null;

    /// <summary>Whether null must not be set.</summary>
    public static bool RefusesNull(JsonPropertyInfo member) =>
        member is { AssociatedParameter: { IsNullable: false } } or { AssociatedParameter: null, IsSetNullable: false };

    /// <summary>Whether a constructor expects a value, so that it can fail without one.</summary>
    public static bool IsExpected(JsonPropertyInfo member) => member.AssociatedParameter is { HasDefaultValue: false, IsNullable: false };

    /// <summary>The member whose value a constructor or setter refuses; null if it is not known.</summary>
    /// <param name="type">The type of the object.</param>
    /// <param name="value">The object, all of whose members can be read.</param>
    /// <param name="refused">The failure.</param>
    public static JsonPropertyInfo? FindCulprit(JsonTypeInfo type, JsonElement value, ArgumentException refused) =>
        type.Properties.FirstOrDefault(member => IsNamed(member, refused.ParamName)) ??
        value.EnumerateObject()
            .Select(property => Find(type, property.Name))
            .OfType<JsonPropertyInfo>()
            .Where(member => member is { Set: not null, AssociatedParameter: null, IsRequired: false })
            .Take(MaxTried)
            .FirstOrDefault(member => CanBeReadWithout(member, type, value));

    private static bool IsNamed(JsonPropertyInfo member, string? parameter) =>
        parameter is not null &&
        (string.Equals(member.AssociatedParameter?.Name, parameter, StringComparison.Ordinal) || string.Equals(member.Name, parameter, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the object can be read if the member is left out: then its setter refuses the value.</summary>
    private static bool CanBeReadWithout(JsonPropertyInfo member, JsonTypeInfo type, JsonElement value)
    {
        var rest = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(rest))
        {
            writer.WriteStartObject();
            foreach (JsonProperty property in value.EnumerateObject().Where(property => !string.Equals(property.Name, member.Name, StringComparison.OrdinalIgnoreCase)))
            {
                property.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        try
        {
            JsonSerializer.Deserialize(rest.WrittenSpan, type);
            return true;
        }
#pragma warning disable CA1031 // Constructors and setters are the user's.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
