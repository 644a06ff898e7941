using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>
/// Turns <c>[Range]</c> into a comparison in the value's own type. The bounds are read at compile time, under the invariant culture.
/// </summary>
internal static class RangeRule
{
    /// <returns>Why the range does not fit the value; null if a rule was added, or if the range contains every value.</returns>
    public static string? Parse(
        AttributeData attribute, ITypeSymbol type, bool allowsNull, string displayName, ValidationFields fields, List<RuleModel> rules)
    {
        if (attribute.ConstructorArguments is not [.., { Value: { } from }, { Value: { } to }])
        {
            return "its bounds are not constants";
        }

        var range = new RangeBounds(
            Text(from), AttributeLookup.Named<bool>(attribute, "MinimumIsExclusive"),
            Text(to), AttributeLookup.Named<bool>(attribute, "MaximumIsExclusive"));
        string message = ValidationMessages.Of(attribute, range.FrameworkText, displayName, from, to);
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
            return $"a value of type '{TypeDisplay.ShortName(type)}' cannot be compared with '{range.From}' and '{range.To}'";
        }

        if (!CanParse(range.From, type) || !CanParse(range.To, type))
        {
            return $"'{range.From}' to '{range.To}' cannot be read as '{TypeDisplay.ShortName(type)}'";
        }

        string Bound(string text) => RuleModel.Fields + fields.Take(
            type.Name + "Bound",
            TypeDisplay.FullName(type),
            $"{TypeDisplay.FullName(type)}.Parse({Literals.Of(text)}, global::System.Globalization.CultureInfo.InvariantCulture)");
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

    /// <summary>
    /// Whether the type's <c>Parse</c> accepts the text. <c>DateOnly</c> and <c>TimeOnly</c> do not exist in .NET Standard, so
    /// <see cref="DateTime"/> stands in for them.
    /// </summary>
    private static bool CanParse(string text, ITypeSymbol type)
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
