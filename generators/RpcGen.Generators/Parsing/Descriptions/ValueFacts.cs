using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Descriptions;

/// <summary>
/// Says which values can be null, as a partial schema. JSON metadata knows it for members of types, but not for arguments, results,
/// elements and members of tuples. What is not mentioned cannot be null.
/// </summary>
internal static class ValueFacts
{
    /// <summary>Deeper nesting of collections is left out.</summary>
    private const int MaxDepth = 8;

    private const string Nullable = "nullable";

    /// <summary>The facts about an argument, a result or an element.</summary>
    public static JsonText OfRoot(ITypeSymbol type) => OfRoot(type, depth: 0);

    /// <summary>The facts about a member, which JSON metadata knows to be null or not, unless its type is a type parameter.</summary>
    public static JsonText OfMember(ISymbol member, ITypeSymbol type, IEnumerable<AttributeData> attributes)
    {
        JsonText facts = OfParts(type, depth: 0);
        ITypeSymbol? declared = member.OriginalDefinition switch
        {
            IPropertySymbol property => property.Type,
            IFieldSymbol field => field.Type,
            _ => null,
        };
        if (declared?.TypeKind == TypeKind.TypeParameter && Nullability.RefusesNull(type, attributes))
        {
            facts.Add(Nullable, "false");
        }

        return facts;
    }

    private static JsonText OfRoot(ITypeSymbol type, int depth)
    {
        JsonText facts = OfParts(type, depth);
        if (type.IsReferenceType && type.NullableAnnotation != NullableAnnotation.NotAnnotated)
        {
            facts.Add(Nullable, "true");
        }

        return facts;
    }

    private static JsonText OfParts(ITypeSymbol type, int depth)
    {
        var facts = new JsonText();
        ITypeSymbol value = Nullability.Underlying(type);
        if (depth == MaxDepth || value.SpecialType == SpecialType.System_String)
        {
            return facts;
        }

        if (value is INamedTypeSymbol { IsTupleType: true } tuple)
        {
            facts.AddObject("properties", OfTuple(tuple, depth + 1));
        }
        else if (CollectionTypes.DictionaryValue(value) is { } entry)
        {
            facts.AddObject("additionalProperties", OfRoot(entry, depth + 1));
        }
        else if (CollectionTypes.Element(value) is { } element)
        {
            facts.AddObject("items", OfRoot(element, depth + 1));
        }

        return facts;
    }

    private static JsonText OfTuple(INamedTypeSymbol tuple, int depth)
    {
        var members = new JsonText();
        for (int i = 0; i < tuple.TupleElements.Length; i++)
        {
            ITypeSymbol type = tuple.TupleElements[i].Type;
            JsonText member = OfRoot(type, depth);
            if (type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.NotAnnotated })
            {
                member.Add(Nullable, "false");
            }

            members.AddObject("Item" + (i + 1).ToString(CultureInfo.InvariantCulture), member);
        }

        return members;
    }
}
