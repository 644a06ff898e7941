using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary><c>[Range]</c> as a comparison in the value's own type, its bounds read invariantly while compiling.</summary>
internal static class RangeRule
{
    /// <returns>Why it can't be lowered; null where it was, or where it holds for every value.</returns>
    public static string? Parse(
        AttributeData attribute, ITypeSymbol type, bool allowsNull, string displayName, StaticFields fields, List<RuleModel> rules)
    {
        if (attribute.ConstructorArguments is not [.., { Value: { } from }, { Value: { } to }])
        {
            return "its bounds are not constants";
        }

        var range = new Bounds(
            Text(from), KnownTypes.Named<bool>(attribute, "MinimumIsExclusive"),
            Text(to), KnownTypes.Named<bool>(attribute, "MaximumIsExclusive"));
        string message = MessageText.Of(attribute, range.FrameworkText, displayName, from, to);
        if (NumericType.Of(type) is { } numeric)
        {
            string? obstacle = numeric.TryPattern(range, out string pattern);
            if (pattern.Length > 0)
            {
                string value = numeric.IsComparedAsDouble ? $"(double{(allowsNull ? "?" : "")}){RuleModel.Value}" : RuleModel.Value;
                rules.Add(new RuleModel($"{value} is not ({(allowsNull ? $"null or ({pattern})" : pattern)})", message));
            }

            return obstacle;
        }

        if (attribute.ConstructorArguments is not [{ Value: ITypeSymbol operand }, _, _] ||
            !SymbolEqualityComparer.Default.Equals(operand, type) ||
            !IsComparable(type))
        {
            return $"a value of type '{KnownTypes.Name(type)}' can't be compared with '{range.From}' and '{range.To}'";
        }

        if (!IsMoment(range.From, type) || !IsMoment(range.To, type))
        {
            return $"'{range.From}' to '{range.To}' can't be read as '{KnownTypes.Name(type)}'";
        }

        string Bound(string text) => RuleModel.Fields + fields.Take(
            type.Name + "Bound",
            KnownTypes.FullName(type),
            $"{KnownTypes.FullName(type)}.Parse({CSharpText.Literal(text)}, global::System.Globalization.CultureInfo.InvariantCulture)");
        string compared = RuleModel.Value + (allowsNull ? "?" : "");
        rules.Add(new RuleModel(
            $"{compared}.CompareTo({Bound(range.From)}) {(range.FromIsExclusive ? "<=" : "<")} 0 || " +
            $"{compared}.CompareTo({Bound(range.To)}) {(range.ToIsExclusive ? ">=" : ">")} 0",
            message));
        return null;
    }

    private static string Text(object bound) => Convert.ToString(bound, CultureInfo.InvariantCulture);

    private static bool IsComparable(ITypeSymbol type) =>
        KnownTypes.Is(type, "System", type.MetadataName) &&
        type.MetadataName is "DateTime" or "DateTimeOffset" or "DateOnly" or "TimeOnly" or "TimeSpan";

    /// <summary>Whether the type's own <c>Parse</c> takes the text, as far as this compiler's framework can tell.</summary>
    private static bool IsMoment(string text, ITypeSymbol type)
    {
        if (type.MetadataName == "TimeSpan")
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _);
        }

        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out DateTime moment) && type.MetadataName switch
        {
            "DateOnly" => moment.TimeOfDay == TimeSpan.Zero,
            "TimeOnly" => moment.Date == DateTime.MinValue,
            _ => true,
        };
    }
}

/// <summary>The bounds of a range as text.</summary>
internal sealed record Bounds(string From, bool FromIsExclusive, string To, bool ToIsExclusive)
{
    public string FrameworkText =>
        "The field {0} must be between {1}" + (FromIsExclusive ? " exclusive" : "") + " and {2}" + (ToIsExclusive ? " exclusive" : "") + ".";
}
