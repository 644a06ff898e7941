using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Descriptions;

/// <summary>
/// Writes validation attributes as keywords of JSON Schema. A rule that JSON Schema cannot express is named in <c>x-validation</c>.
/// </summary>
internal static class SchemaRules
{
    private const string Validation = "x-validation";

    /// <summary>Adds the rules of a value.</summary>
    /// <returns>Whether a missing value is invalid because of <c>[Required]</c>.</returns>
    public static bool Add(JsonText schema, ITypeSymbol type, IEnumerable<AttributeData> attributes)
    {
        ITypeSymbol value = Nullability.Underlying(type);
        List<AttributeData> rules = [.. attributes.Where(attribute => ValidationAttributes.IsValidation(attribute.AttributeClass))];
        bool hasPattern = rules.Exists(rule => NameOf(rule) == "RegularExpressionAttribute");
        bool isRequired = false;
        var others = new List<string>();
        foreach (AttributeData rule in rules)
        {
            if (NameOf(rule) == "RequiredAttribute")
            {
                isRequired = Nullability.HasNull(type);
                AddRequired(schema, rule, value, isRequired, hasPattern);
            }
            else if (!TryAdd(schema, rule, value))
            {
                others.Add(JsonText.Quote(ValidationAttributes.ShortName(rule.AttributeClass!)));
            }
        }

        schema.AddList(Validation, others);
        return isRequired;
    }

    /// <summary>Names the rules of a type as a whole.</summary>
    public static void AddOfType(JsonText schema, INamedTypeSymbol type)
    {
        List<string> rules = [.. ValidatedMembers.Ancestry(type)
            .SelectMany(at => at.GetAttributes())
            .Where(attribute => ValidationAttributes.IsValidation(attribute.AttributeClass))
            .Select(attribute => JsonText.Quote(ValidationAttributes.ShortName(attribute.AttributeClass!)))];
        if (type.AllInterfaces.Any(face => KnownTypes.Is(face, ValidationAttributes.Namespace, "IValidatableObject")))
        {
            rules.Add(JsonText.Quote("IValidatableObject"));
        }

        schema.AddList(Validation, rules);
    }

    private static string? NameOf(AttributeData attribute) => ValidationAttributes.FrameworkName(attribute.AttributeClass!);

    private static void AddRequired(JsonText schema, AttributeData rule, ITypeSymbol value, bool hasNull, bool hasPattern)
    {
        if (hasNull)
        {
            schema.Add("nullable", "false");
        }

        bool refusesBlank = value.SpecialType == SpecialType.System_String && !AttributeLookup.Named<bool>(rule, "AllowEmptyStrings");
        if (refusesBlank && !hasPattern)
        {
            schema.AddText("pattern", "\\S");
        }
        else if (refusesBlank)
        {
            schema.Add("minLength", "1");
        }
    }

    private static bool TryAdd(JsonText schema, AttributeData rule, ITypeSymbol value) => NameOf(rule) switch
    {
        "DataTypeAttribute" => true,
        "RangeAttribute" => TryAddRange(schema, rule, value),
        "StringLengthAttribute" => TryAddLength(schema, value, AttributeLookup.Named<int>(rule, "MinimumLength"), AttributeLookup.Argument<int>(rule)),
        "MinLengthAttribute" => TryAddLength(schema, value, AttributeLookup.Argument<int>(rule), null),
        "MaxLengthAttribute" => rule.ConstructorArguments.IsEmpty || TryAddLength(schema, value, null, AttributeLookup.Argument<int>(rule)),
        "LengthAttribute" => rule.ConstructorArguments is [{ Value: int minimum }, { Value: int maximum }] && TryAddLength(schema, value, minimum, maximum),
        "RegularExpressionAttribute" => TryAddPattern(schema, rule, value),
        "EmailAddressAttribute" => AddFormat(schema, "email"),
        "UrlAttribute" => AddFormat(schema, "uri"),
        "Base64StringAttribute" => AddBase64(schema),
        "AllowedValuesAttribute" => TryAddValues(schema, rule, "enum", list => list),
        "DeniedValuesAttribute" => TryAddValues(schema, rule, "not", list => $"{{\"enum\":{list}}}"),
        _ => false,
    };

    private static bool AddFormat(JsonText schema, string format)
    {
        schema.AddText("format", format);
        return true;
    }

    private static bool AddBase64(JsonText schema)
    {
        schema.AddText("contentEncoding", "base64");
        return true;
    }

    private static bool TryAddRange(JsonText schema, AttributeData rule, ITypeSymbol value)
    {
        if (NumericType.Of(value) is null || rule.ConstructorArguments is not [.., { Value: { } from }, { Value: { } to }] || Number(from) is not { } lower || Number(to) is not { } upper)
        {
            return false;
        }

        schema.Add(AttributeLookup.Named<bool>(rule, "MinimumIsExclusive") ? "exclusiveMinimum" : "minimum", lower);
        schema.Add(AttributeLookup.Named<bool>(rule, "MaximumIsExclusive") ? "exclusiveMaximum" : "maximum", upper);
        return true;
    }

    /// <summary>A bound, which can be given as text, as a number of JSON; null if it is none.</summary>
    private static string? Number(object bound)
    {
        string text = Convert.ToString(bound, CultureInfo.InvariantCulture);
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal exact) ? JsonText.Constant(exact)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? JsonText.Constant(value)
            : null;
    }

    private static bool TryAddLength(JsonText schema, ITypeSymbol value, int? minimum, int? maximum)
    {
        string? suffix = value.SpecialType == SpecialType.System_String ? "Length"
            : value is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte } ? null // its length is not that of its Base64 form
            : CollectionTypes.DictionaryValue(value) is not null ? "Properties"
            : CollectionTypes.IsCollection(value) ? "Items"
            : null;
        if (suffix is null)
        {
            return false;
        }

        schema.Add("min" + suffix, minimum > 0 ? JsonText.Constant(minimum) : null);
        schema.Add("max" + suffix, maximum >= 0 ? JsonText.Constant(maximum) : null);
        return true;
    }

    /// <summary>The attribute accepts the empty text, and otherwise wants the whole text to match.</summary>
    private static bool TryAddPattern(JsonText schema, AttributeData rule, ITypeSymbol value)
    {
        if (value.SpecialType != SpecialType.System_String || AttributeLookup.Argument<string>(rule) is not { } pattern)
        {
            return false;
        }

        bool isPortable = EcmaPatterns.IsPortable(pattern);
        schema.AddText(isPortable ? "pattern" : "x-pattern-dotnet", isPortable ? $"^(?:{pattern})?$" : pattern);
        return true;
    }

    private static bool TryAddValues(JsonText schema, AttributeData rule, string keyword, Func<string, string> wrap)
    {
        if (rule.ConstructorArguments is not [{ Kind: TypedConstantKind.Array } values])
        {
            return false;
        }

        List<string?> constants = [.. values.Values.Select(value => value.Kind is TypedConstantKind.Primitive or TypedConstantKind.Enum ? JsonText.Constant(value.Value) : null)];
        if (constants.Contains(null))
        {
            return false;
        }

        schema.Add(keyword, wrap($"[{string.Join(",", constants)}]"));
        return true;
    }
}
