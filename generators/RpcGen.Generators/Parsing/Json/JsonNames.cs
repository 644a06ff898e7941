using System.Text;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>Reads the JSON attributes of members and types.</summary>
internal static class JsonNames
{
    private const string Namespace = "System.Text.Json.Serialization";

    /// <summary>The member's name in JSON: its <c>[JsonPropertyName]</c>, or its name in camelCase.</summary>
    public static string Of(ISymbol member) =>
        AttributeLookup.Argument<string>(AttributeLookup.Find(member, Namespace, "JsonPropertyNameAttribute")) ?? Camel(member.Name);

    /// <summary>Whether JSON never transmits the member. Conditions other than <c>Always</c> depend on the value.</summary>
    public static bool IsIgnored(ISymbol member) => IgnoreCondition(member) == JsonIgnoreCondition.Always;

    /// <summary>The condition of the member's <c>[JsonIgnore]</c>, which is <c>Always</c> by default; <c>Never</c> without the attribute.</summary>
    public static JsonIgnoreCondition IgnoreCondition(ISymbol member) =>
        AttributeLookup.Find(member, Namespace, "JsonIgnoreAttribute") is { } ignore
            ? (JsonIgnoreCondition)(AttributeLookup.Named<int?>(ignore, "Condition") ?? (int)JsonIgnoreCondition.Always)
            : JsonIgnoreCondition.Never;

    /// <summary>Whether <c>[JsonInclude]</c> makes JSON transmit a field or a non-public property.</summary>
    public static bool IsIncluded(ISymbol member) => AttributeLookup.Find(member, Namespace, "JsonIncludeAttribute") is not null;

    /// <summary>The derived types that the type declares with <c>[JsonDerivedType]</c>.</summary>
    public static IEnumerable<INamedTypeSymbol> DerivedTypes(INamedTypeSymbol type) => Subtypes(type).Select(subtype => subtype.Type);

    /// <summary>The derived types, with the attributes that declare them.</summary>
    public static IEnumerable<(AttributeData Attribute, INamedTypeSymbol Type)> Subtypes(INamedTypeSymbol type)
    {
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (KnownTypes.Is(attribute.AttributeClass, Namespace, "JsonDerivedTypeAttribute") && AttributeLookup.Argument<INamedTypeSymbol>(attribute) is { } derived)
            {
                yield return (attribute, derived);
            }
        }
    }

    /// <summary>
    /// Does what <c>JsonNamingPolicy.CamelCase</c> does: lower-cases the leading run of capitals, except the last one before a
    /// lower-case letter. <c>URLPath</c> becomes <c>urlPath</c>.
    /// </summary>
    private static string Camel(string name)
    {
        var camel = new StringBuilder(name);
        for (int i = 0; i < name.Length && char.IsUpper(name[i]); i++)
        {
            bool isLastOfRun = i > 0 && i + 1 < name.Length && !char.IsUpper(name[i + 1]);
            if (isLastOfRun)
            {
                if (name[i + 1] == ' ')
                {
                    camel[i] = char.ToLowerInvariant(name[i]);
                }

                break;
            }

            camel[i] = char.ToLowerInvariant(name[i]);
        }

        return camel.ToString();
    }
}
