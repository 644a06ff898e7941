using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Server.Introspection;

/// <summary>Describes types with subtypes.</summary>
internal static class Subtypes
{
    /// <summary>
    /// Names the member that tells subtypes apart. If one of them has none, the schema stays a choice of which several can fit. The
    /// mapping holds keys of types, which become references when they are named.
    /// </summary>
    public static void Describe(JsonObject schema, JsonTypeInfo type)
    {
        if (schema["anyOf"] is not JsonArray choices || type.PolymorphismOptions is not { DerivedTypes.Count: > 0 } options || options.DerivedTypes.Count != choices.Count ||
            options.DerivedTypes.Any(subtype => subtype.TypeDiscriminator is null))
        {
            return;
        }

        var mapping = new JsonObject();
        foreach (JsonDerivedType subtype in options.DerivedTypes)
        {
            mapping[Convert.ToString(subtype.TypeDiscriminator, CultureInfo.InvariantCulture)!] = TypeKeys.Of(subtype.DerivedType);
        }

        schema.Remove("anyOf");
        schema["oneOf"] = choices;
        schema["discriminator"] = new JsonObject { ["propertyName"] = options.TypeDiscriminatorPropertyName, ["mapping"] = mapping };
    }
}
