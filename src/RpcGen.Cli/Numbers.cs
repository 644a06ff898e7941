using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace RpcGen.Cli;

/// <summary>Reads the numbers of options. The parser's own message names a .NET type, which means nothing to an operator.</summary>
internal static class Numbers
{
    /// <summary>Reads the value of an option, or adds an error that names the option.</summary>
    public static T Read<T>(ArgumentResult result)
        where T : struct, INumber<T>
    {
        string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (T.TryParse(text, CultureInfo.InvariantCulture, out T number))
        {
            return number;
        }

        string option = (result.Parent as OptionResult)?.Option.Name ?? "The value";
        result.AddError($"{option} must be a {(typeof(T) == typeof(int) ? "whole " : "")}number, not '{text}'.");
        return default;
    }
}
