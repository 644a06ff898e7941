using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>Declarations that contradict each other. System.Text.Json refuses them when it first sees the type.</summary>
internal static class RefusedDeclarations
{
    private const string Json = "System.Text.Json.Serialization";

    public static IEnumerable<JsonProblem> In(INamedTypeSymbol type, IReadOnlyCollection<JsonMember> members, JsonConstruction construction)
    {
        if (construction.HasSeveralMarked)
        {
            yield return Refused(type, "several constructors have [JsonConstructor], so keep one");
        }
        else if (construction.Unmatched is { } parameter && !type.IsAbstract)
        {
            yield return Refused(
                parameter,
                $"the parameter '{parameter.Name}' of its constructor has no public property of the same name and type, so rename one of them, or give the type a constructor that JSON can call");
        }

        foreach (JsonProblem problem in Clashes(type, members).Concat(Unreadable(members, construction)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<JsonProblem> Clashes(INamedTypeSymbol type, IEnumerable<JsonMember> members)
    {
        var known = new Dictionary<string, JsonMember>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonMember member in members.Where(member => !member.IsIgnored && !member.IsExtensionData))
        {
            string name = JsonNames.Of(member.Symbol);
            if (known.TryGetValue(name, out JsonMember? other))
            {
                yield return Refused(
                    member.Symbol,
                    $"'{other.Symbol.Name}' and '{member.Symbol.Name}' have the same JSON name '{name}' (letter case makes no difference), so rename one with [JsonPropertyName], or mark it [JsonIgnore]");
            }
            else
            {
                known.Add(name, member);
            }
        }

        foreach (INamedTypeSymbol @base in Bases(type))
        {
            string discriminator = Discriminator(@base);
            if (JsonNames.Subtypes(@base).Any(subtype => HasDiscriminator(subtype.Attribute)) && known.TryGetValue(discriminator, out JsonMember? clashing) && JsonNames.Of(clashing.Symbol) == discriminator)
            {
                yield return Refused(clashing.Symbol, $"'{clashing.Symbol.Name}' has the JSON name '{discriminator}' of the type discriminator, so rename one of them");
            }
        }
    }

    private static IEnumerable<JsonProblem> Unreadable(IEnumerable<JsonMember> members, JsonConstruction construction)
    {
        bool setsAll = construction.Constructor is { } constructor && AttributeLookup.Find(constructor, "System.Diagnostics.CodeAnalysis", "SetsRequiredMembersAttribute") is not null;
        foreach (JsonMember member in members)
        {
            bool isRequired = member.HasRequiredAttribute || (member.HasRequiredModifier && !setsAll);
            if (isRequired && !member.IsSettable) // also if a constructor sets it
            {
                yield return Refused(member.Symbol, $"'{member.Symbol.Name}' is required, but JSON {(member.IsIgnored ? "ignores it" : "cannot set it")}, so make it optional, or let JSON set it");
            }
        }
    }

    private static IEnumerable<INamedTypeSymbol> Bases(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            yield return at;
        }

        foreach (INamedTypeSymbol implemented in type.AllInterfaces)
        {
            yield return implemented;
        }
    }

    private static bool HasDiscriminator(AttributeData attribute) => attribute.ConstructorArguments is [_, { Value: not null }];

    private static string Discriminator(INamedTypeSymbol type) =>
        AttributeLookup.Find(type, Json, "JsonPolymorphicAttribute") is { } polymorphic && AttributeLookup.Named<string>(polymorphic, "TypeDiscriminatorPropertyName") is { } name ? name : "$type";

    private static JsonProblem Refused(ISymbol where, string cause) => new(JsonProblemKind.Refused, where, cause);
}
