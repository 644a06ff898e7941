using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>A number's type, as far as its range and its literals go.</summary>
/// <param name="Lowest">The lowest value of a type that is not floating.</param>
/// <param name="Highest">The highest value of a type that is not floating.</param>
/// <param name="Suffix">What its literals end in.</param>
/// <param name="IsComparedAsDouble">Whether its values are made doubles first.</param>
internal sealed record NumericType(decimal Lowest, decimal Highest, string Suffix, bool IsComparedAsDouble = false)
{
    private const NumberStyles Style = NumberStyles.Float | NumberStyles.AllowThousands;

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

    /// <summary>The range as a pattern; empty where every value is within it.</summary>
    /// <returns>Why there is none, or null.</returns>
    public string? TryPattern(Bounds range, out string pattern)
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
                $"{(range.FromIsExclusive ? ">" : ">=")} {CSharpText.Literal(from)}",
                $"{(range.ToIsExclusive ? "<" : "<=")} {CSharpText.Literal(to)}");
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

    /// <summary>What decimal can't hold lies beyond every type that is compared exactly.</summary>
    private static decimal Exact(string text, double approximate) =>
        decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out decimal exact) ? exact
        : approximate < 0 ? decimal.MinValue
        : decimal.MaxValue;

    /// <summary>A whole number is compared with the whole number beyond a fraction.</summary>
    private string Bound(string comparison, bool isExclusive, decimal bound, decimal whole) => Suffix == "M" || bound == whole
        ? $"{comparison}{(isExclusive ? "" : "=")} {Literal(bound)}"
        : $"{comparison} {Literal(whole)}";

    private string Literal(decimal value) => value.ToString("0.#############################", CultureInfo.InvariantCulture) + Suffix;

    private static string And(params string[] patterns) => string.Join(" and ", patterns.Where(pattern => pattern.Length > 0));
}
