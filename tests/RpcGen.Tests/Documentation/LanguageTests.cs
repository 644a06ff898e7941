using System.Text.RegularExpressions;

namespace RpcGen.Tests.Documentation;

/// <summary>Phrases that have a plainer form, and terms that have been replaced, do not come back.</summary>
public sealed partial class LanguageTests
{
    /// <summary>Regular expressions, each for whole words in any case, and what to write instead.</summary>
    private static readonly (string Phrase, string Instead)[] Banned =
    [
        ("had better", "should"),
        ("of (its|their|one's) own accord", "without being asked"),
        ("unless (set|given|told)", "Default: …."),
        ("unless (told )?otherwise", "by default"),
        ("(and|but|which|that) (is|are) none", "is not one, there is no …"),
        ("there (is none|are none|are not)", "unknown, missing"),
        ("can be had", "can be resolved, is available"),
        ("(whoever|whatever|whomever|whichever)", "anyone who, any …"),
        ("the broker's word", "the publisher confirm"),
        ("patience", "timeout"),
        ("(mend|mends|mended|mending)", "fix, reopen, reconnect"),
        ("goes before", "overrides"),
        ("at last", "with delays of up to …"),
        ("without further ado", "automatically"),
        ("for want of", "because there is no …"),
        ("in vain", "without success"),
        ("to begin with", "initially"),
        ("anew", "again"),
        ("where it says so", "if set"),
        ("where (asked|told)", "if requested"),
        ("hear(s)? of", "learn, be told"),
        ("(coalesce|coalesced|coalescing)", "batch"),
        ("lane(s)?", "batcher"),
        ("sendings", "attempts"),
        ("(CallLane|DeliveryLedger|MethodCaller|RpcCallSettings|RpcCoalesce|DiscloseExceptions)", "the type's new name"),
    ];

    private static readonly Regex AnyBanned = new(
        $@"(?<![\w'])({string.Join('|', Banned.Select((banned, i) => $"(?<p{i}>{banned.Phrase.Replace(" ", @"\s+(?:///?\s*)?")})"))})(?![\w'])",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.Compiled);

    public static TheoryData<string> Files => [.. RepositoryFiles.FilesCheckedForLanguage];

    [Theory]
    [MemberData(nameof(Files))]
    public void No_banned_phrase_is_used(string file) => Assert.Empty(Find(RepositoryFiles.Read(file)));

    [Theory]
    [InlineData("64 unless set.")]
    [InlineData("/// <summary>A thing that had\n    /// better be used.</summary>")]
    [InlineData("Whoever listens hears of it.")]
    public void A_banned_phrase_is_found_across_lines_and_in_any_case(string text) => Assert.NotEmpty(Find(text));

    [Theory]
    [InlineData("Recommended amendments are at laster than the panel.")]
    [InlineData("The connection is noneventful.")]
    public void Only_whole_words_are_found(string text) => Assert.Empty(Find(text));

    private static IEnumerable<string> Find(string text) => AnyBanned.Matches(text).Select(match =>
    {
        int index = Enumerable.Range(0, Banned.Length).First(i => match.Groups[$"p{i}"].Success);
        return $"line {text.AsSpan(0, match.Index).Count('\n') + 1}: \"{match.Value}\"; write: {Banned[index].Instead}";
    });
}
