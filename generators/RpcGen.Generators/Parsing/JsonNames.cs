using System.Text;
using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>What members are called in JSON: their <c>[JsonPropertyName]</c>, else camelCase as System.Text.Json has it.</summary>
internal static class JsonNames
{
    private const string Namespace = "System.Text.Json.Serialization";

    public static string Of(ISymbol member) =>
        KnownTypes.Argument<string>(KnownTypes.Attribute(member, Namespace, "JsonPropertyNameAttribute")) ?? Camel(member.Name);

    /// <summary>Whether the member never travels; <c>Condition</c> 0 is Never, 1 Always, others depend on the value.</summary>
    public static bool IsIgnored(ISymbol member) =>
        KnownTypes.Attribute(member, Namespace, "JsonIgnoreAttribute") is { } ignore &&
        (!ignore.NamedArguments.Any(argument => argument.Key == "Condition") || KnownTypes.Named<int>(ignore, "Condition") == 1);

    /// <summary>Whether a field travels although it is one.</summary>
    public static bool IsIncluded(ISymbol member) => KnownTypes.Attribute(member, Namespace, "JsonIncludeAttribute") is not null;

    /// <summary>The subtypes that JSON tells apart.</summary>
    public static IEnumerable<INamedTypeSymbol> DerivedTypes(INamedTypeSymbol type) => Subtypes(type).Select(subtype => subtype.Type);

    /// <summary>The same with the attributes that name them.</summary>
    public static IEnumerable<(AttributeData Attribute, INamedTypeSymbol Type)> Subtypes(INamedTypeSymbol type)
    {
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (KnownTypes.Is(attribute.AttributeClass, Namespace, "JsonDerivedTypeAttribute") && KnownTypes.Argument<INamedTypeSymbol>(attribute) is { } derived)
            {
                yield return (attribute, derived);
            }
        }
    }

    /// <summary>As <c>JsonNamingPolicy.CamelCase</c>: a leading run of capitals goes down, save its last before a small letter.</summary>
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
