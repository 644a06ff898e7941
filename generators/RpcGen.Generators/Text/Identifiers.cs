using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace RpcGen.Generators.Text;

/// <summary>Makes C# identifiers.</summary>
internal static class Identifiers
{
    /// <summary>The name, with <c>@</c> if it is a keyword in any context.</summary>
    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;

    public static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);

    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);

    /// <summary>An identifier in PascalCase made of any text: <c>not-found</c> becomes <c>NotFound</c>.</summary>
    public static string FromText(string text)
    {
        var name = new StringBuilder(text.Length);
        bool startsWord = true;
        foreach (char c in text)
        {
            if (!SyntaxFacts.IsIdentifierPartCharacter(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format)
            {
                startsWord = true;
                continue;
            }

            name.Append(startsWord ? char.ToUpperInvariant(c) : c);
            startsWord = false;
        }

        return name.Length > 0 && SyntaxFacts.IsIdentifierStartCharacter(name[0]) ? name.ToString() : "_" + name;
    }
}
