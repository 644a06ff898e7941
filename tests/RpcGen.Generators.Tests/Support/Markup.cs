using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Code that contains its expected diagnostics: <c>int {|RPCGEN004:Add|}(…)</c>.</summary>
internal static partial class Markup
{
    /// <summary>The code without marks, and the marks as <c>id at 'text'</c> in source order.</summary>
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
