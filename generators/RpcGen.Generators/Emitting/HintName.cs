using System.Globalization;
using System.Text;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// The hint name of a contract's file: the contract's full name, with code points in place of characters that are invalid there.
/// </summary>
internal static class HintName
{
    /// <summary>The names that differ only in case, in ordinal order. Hint names are case-insensitive, so these need a number.</summary>
    public static EquatableArray<string> FindAmbiguous(IEnumerable<string> metadataNames) => metadataNames
        .Distinct()
        .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
        .Where(group => group.Skip(1).Any())
        .SelectMany(group => group)
        .OrderBy(name => name, StringComparer.Ordinal)
        .ToEquatableArray();

    public static string Of(ContractModel contract, EquatableArray<string> ambiguous)
    {
        var name = new StringBuilder(contract.MetadataName.Length + 5);
        foreach (char c in contract.MetadataName)
        {
            if (char.IsLetterOrDigit(c) || c is '.' or '_')
            {
                name.Append(c);
            }
            else
            {
                name.Append('-').Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        int earlier = ambiguous
            .TakeWhile(other => other != contract.MetadataName)
            .Count(other => string.Equals(other, contract.MetadataName, StringComparison.OrdinalIgnoreCase));
        if (ambiguous.Contains(contract.MetadataName) && earlier > 0)
        {
            name.Append('-').Append((earlier + 1).ToString(CultureInfo.InvariantCulture));
        }

        return name.Append(".g.cs").ToString();
    }

    /// <summary>The name of the file with the contract's facts.</summary>
    public static string OfFacts(ContractModel contract, EquatableArray<string> ambiguous) =>
        Of(contract, ambiguous).Replace(".g.cs", ".Facts.g.cs");
}
