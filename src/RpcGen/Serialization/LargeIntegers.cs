using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen.Serialization;

/// <summary>Integers that JavaScript rounds. They are sent as text if the contract says so.</summary>
internal static class LargeIntegers
{
    private static readonly JsonConverter[] All =
        [new IntegerTextConverter<long>(), new IntegerTextConverter<ulong>(), new IntegerTextConverter<Int128>(), new IntegerTextConverter<UInt128>()];

    /// <summary>The converters that the forms of a contract need.</summary>
    public static IReadOnlyList<JsonConverter> Converters(RpcJsonForms forms) => forms.HasFlag(RpcJsonForms.Int64AsText) ? All : [];

    /// <summary>Whether values of the type are sent as text.</summary>
    public static bool AreText(Type type, JsonSerializerOptions options) => All.Any(converter => converter.Type == type && options.Converters.Contains(converter));

    /// <summary>A modifier that takes <c>[JsonNumberHandling]</c> from members with such integers: the serializer refuses it beside a converter.</summary>
    public static void ReleaseMembers(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo member in type.Kind == JsonTypeInfoKind.Object ? type.Properties.Where(member => member.NumberHandling is not null && Holds(member.PropertyType)) : [])
        {
            member.NumberHandling = null;
        }
    }

    private static bool Holds(Type type) =>
        All.Any(converter => converter.Type == type) ||
        (type.GetElementType() is { } element && Holds(element)) ||
        type.GenericTypeArguments.Any(Holds);
}
