using System.Globalization;
using System.Text;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The name of a contract's file: its full name, with what the compiler does not take in file names spelled out.</summary>
internal static class HintName
{
    public static string Of(ContractModel contract)
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

        return name.Append(".g.cs").ToString();
    }
}
