using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>The range and the literals of a numeric type.</summary>
/// <param name="Lowest">The lowest value; unused for floating-point types.</param>
/// <param name="Highest">The highest value; unused for floating-point types.</param>
/// <param name="Suffix">The suffix of its literals.</param>
/// <param name="IsComparedAsDouble">Whether its values are converted to <see cref="double"/> first.</param>
internal sealed record NumericType(decimal Lowest, decimal Highest, string Suffix, bool IsComparedAsDouble = false)
{
    private const NumberStyles Style = NumberStyles.Float | NumberStyles.AllowThousands;

    /// <summary>The numeric type; null for other types.</summary>
    public static NumericType? Of(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_SByte => new(sbyte.MinValue, sbyte.MaxValue, ""),
        SpecialType.System_Byte => new(byte.MinValue, byte.MaxValue, ""),
        SpecialType.System_Int16 => new(short.MinValue, short.MaxValue, ""),
        SpecialType.System_UInt16 => new(ushort.MinValue, ushort.MaxValue, ""),
        SpecialType.System_Int32 => new(int.MinValue, int.MaxValue, ""),
        SpecialType.System_UInt32 => new(uint.MinValue, uint.MaxValue, "U"),
        SpecialType.System_Int64 => new(long.MinValue, long.MaxValue, "L"),
        SpecialType.System_UInt64 => new(ulong.MinValue, ulong.MaxValue, "UL"),
        SpecialType.System_Decimal => new(decimal.MinValue, decimal.MaxValue, "M"),
        SpecialType.System_Double => new(0, 0, "D"),
        SpecialType.System_Single => new(0, 0, "D", IsComparedAsDouble: true),
        _ => null,
    };

    /// <summary>Writes the range as a pattern, which is empty if the range contains every value.</summary>
    /// <returns>Why the range does not fit the type, or null.</returns>
    public string? TryPattern(RangeBounds range, out string pattern)
    {
        pattern = "";
        if (!double.TryParse(range.From, Style, CultureInfo.InvariantCulture, out double from) ||
            !double.TryParse(range.To, Style, CultureInfo.InvariantCulture, out double to))
        {
            return $"'{range.From}' to '{range.To}' are not numbers";
        }

        if (Suffix == "D")
        {
            pattern = And(
                $"{(range.FromIsExclusive ? ">" : ">=")} {Literals.Of(from)}",
                $"{(range.ToIsExclusive ? "<" : "<=")} {Literals.Of(to)}");
            return null;
        }

        decimal lower = Exact(range.From, from);
        decimal upper = Exact(range.To, to);
        if (lower > upper || lower > Highest || upper < Lowest)
        {
            return $"no value of its type is between '{range.From}' and '{range.To}'";
        }

        pattern = And(
            lower < Lowest || (lower == Lowest && !range.FromIsExclusive) ? "" : Bound(">", range.FromIsExclusive, lower, decimal.Floor(lower)),
            upper > Highest || (upper == Highest && !range.ToIsExclusive) ? "" : Bound("<", range.ToIsExclusive, upper, decimal.Ceiling(upper)));
        return null;
    }

    /// <summary>The bound as a decimal. A bound beyond decimal's range is beyond the range of each type compared as decimal.</summary>
    private static decimal Exact(string text, double approximate) =>
        decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out decimal exact) ? exact
        : approximate < 0 ? decimal.MinValue
        : decimal.MaxValue;

    /// <summary>For a fractional bound of an integer type, compares with the next integer outside the range.</summary>
    private string Bound(string comparison, bool isExclusive, decimal bound, decimal whole) => Suffix == "M" || bound == whole
        ? $"{comparison}{(isExclusive ? "" : "=")} {Literal(bound)}"
        : $"{comparison} {Literal(whole)}";

    private string Literal(decimal value) => value.ToString("0.#############################", CultureInfo.InvariantCulture) + Suffix;

    private static string And(params string[] patterns) => string.Join(" and ", patterns.Where(pattern => pattern.Length > 0));
}
