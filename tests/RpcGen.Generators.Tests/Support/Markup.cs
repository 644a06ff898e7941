using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Code with the diagnostics that it should get written into it: <c>int {|RPCGEN004:Add|}(…)</c>.</summary>
internal static partial class Markup
{
    /// <summary>The code without marks, and what was marked as <c>id at 'text'</c> in the order of the source.</summary>
    public static (string Code, IReadOnlyList<string> Expected) Parse(string markup)
    {
        var expected = new List<string>();
        string code = Mark().Replace(markup, match =>
        {
            expected.AddRange(match.Groups["id"].Value.Split(',').Select(id => $"{id} at '{match.Groups["text"].Value}'"));
            return match.Groups["text"].Value;
        });
        return (code, expected);
    }

    public static string Describe(Microsoft.CodeAnalysis.Diagnostic diagnostic)
    {
        SourceText text = diagnostic.Location.SourceTree!.GetText(CancellationToken.None);
        return $"{diagnostic.Id} at '{text.ToString(diagnostic.Location.SourceSpan)}'";
    }

    [GeneratedRegex(@"\{\|(?<id>RPCGEN[\d,RPCGEN]+):(?<text>.*?)\|\}", RegexOptions.Singleline)]
    private static partial Regex Mark();
}
