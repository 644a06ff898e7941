using System.Text.RegularExpressions;

namespace RpcGen.Tests.Documentation;

/// <summary>What links can do on a Markdown page: where they point to, and which anchors the page offers.</summary>
internal sealed partial class MarkdownPage
{
    private readonly string _prose;

    public MarkdownPage(string text) => _prose = CodeBlock().Replace(text, "\n");

    /// <summary>Targets of inline and reference links, outside of code.</summary>
    public IEnumerable<string> Links =>
        InlineLink().Matches(CodeSpan().Replace(_prose, "code")).Concat(ReferenceLink().Matches(_prose)).Select(match => match.Groups["target"].Value);

    /// <summary>The anchors of headings, by GitHub's rules, and explicit ones.</summary>
    public IReadOnlySet<string> Anchors
    {
        get
        {
            var anchors = new HashSet<string>(StringComparer.Ordinal);
            foreach (Match heading in Heading().Matches(_prose))
            {
                string slug = Slug(heading.Groups["text"].Value);
                string unique = slug;
                for (int i = 1; !anchors.Add(unique); i++)
                {
                    unique = $"{slug}-{i}";
                }
            }

            anchors.UnionWith(ExplicitAnchor().Matches(_prose).Select(match => match.Groups["name"].Value));
            return anchors;
        }
    }

    /// <summary>
    /// GitHub's anchor of a heading: its text without markup, in lower case, spaces as hyphens, without any character that is
    /// not a letter, a digit, a hyphen or an underscore.
    /// </summary>
    public static string Slug(string heading)
    {
        string text = LinkText().Replace(heading.Trim(), "${text}");
        return string.Concat(text.ToLowerInvariant()
            .Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')
            .Select(c => c == ' ' ? '-' : c));
    }

    [GeneratedRegex(@"^(?<fence>`{3,}|~{3,}).*\n(.*\n)*?\k<fence>[ ]*$", RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\(\s*<?(?<target>[^)\s>]*)>?(\s+""[^""]*"")?\s*\)")]
    private static partial Regex InlineLink();

    [GeneratedRegex(@"^\[[^\]]+\]:\s+(?<target>\S+)", RegexOptions.Multiline)]
    private static partial Regex ReferenceLink();

    [GeneratedRegex(@"^#{1,6}\s+(?<text>.+?)\s*#*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"<a\s+(id|name)=""(?<name>[^""]+)""")]
    private static partial Regex ExplicitAnchor();
}
