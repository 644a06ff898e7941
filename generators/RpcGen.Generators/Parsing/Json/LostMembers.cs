using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>Finds members that do not arrive, although nothing fails.</summary>
internal static class LostMembers
{
    /// <summary>The problem of a member; null if it arrives, or if its loss is intended or makes no difference.</summary>
    public static JsonProblem? Problem(JsonMember member, INamedTypeSymbol type, JsonConstruction construction, bool isRead)
    {
        if (member.IsIgnored || member.IsOneWay)
        {
            return null;
        }

        if (member.IsIgnoredField)
        {
            return Lost(member, "JSON ignores fields, so mark it [JsonInclude], or make it a property", "JsonInclude");
        }

        if (!member.IsWritten)
        {
            return Lost(member, "JSON sets it but does not write it, because its getter is not public: mark it [JsonInclude]", HasGetter(member) ? "JsonInclude" : null);
        }

        if (isRead)
        {
            return null;
        }

        if (member.Symbol is not IPropertySymbol property)
        {
            return Lost(member, "JSON cannot set a read-only field, so make it a property with 'init'", edit: null);
        }

        if (property.SetMethod is null && CalculatedProperties.IsCalculated(property, construction.Constructor))
        {
            return HoldsItself(property, type)
                ? new JsonProblem(JsonProblemKind.Unsupported, property, $"writing it never ends, because each value of '{property.Name}' has another, so mark '{property.Name}' [JsonIgnore]")
                : null;
        }

        return Unset(member, property, type, construction);
    }

    private static JsonProblem Unset(JsonMember member, IPropertySymbol property, INamedTypeSymbol type, JsonConstruction construction)
    {
        if (property.SetMethod is not null)
        {
            return Lost(member, "JSON writes it but cannot set it, because its setter is not public: mark it [JsonInclude]", "JsonInclude");
        }

        if (construction.Candidate is { Parameters.IsEmpty: false } candidate && type.IsValueType && Sets(candidate, property))
        {
            return Lost(member, "JSON writes it but cannot set it, because it creates structs without a constructor: mark the constructor [JsonConstructor]", "JsonConstructor") with { Constructor = candidate };
        }

        return Lost(
            member,
            "JSON writes it but cannot set it: give it a setter or 'init', or a constructor parameter of the same name and type, or mark it [JsonIgnore]",
            CalculatedProperties.IsAutomatic(property) ? "init" : null);
    }

    private static bool Sets(IMethodSymbol constructor, IPropertySymbol property) =>
        constructor.Parameters.Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase));

    private static bool HasGetter(JsonMember member) => member.Symbol is IPropertySymbol { GetMethod: not null };

    private static bool HoldsItself(IPropertySymbol property, INamedTypeSymbol type)
    {
        ITypeSymbol held = JsonGraph.Plain(property.Type);
        bool isNeverNull = property.Type.IsValueType || property.Type.NullableAnnotation == NullableAnnotation.NotAnnotated;
        return isNeverNull && SymbolEqualityComparer.Default.Equals(held, JsonGraph.Plain(type));
    }

    private static JsonProblem Lost(JsonMember member, string cause, string? edit) => new(JsonProblemKind.MemberLost, member.Symbol, cause) { Edit = edit };
}
