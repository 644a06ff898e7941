using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>
/// One fact about a contract that peers rely on. In <c>RpcContracts.Shipped.txt</c> it is a line such as
/// <c>argument Orders/Place/order = Demo.Order required</c>.
/// </summary>
/// <param name="Key">The part of the contract.</param>
/// <param name="Value">The part's type or kind.</param>
/// <param name="Where">The symbol that declares the part.</param>
internal sealed record WireFact(string Key, string Value, ISymbol Where)
{
    /// <summary>The end of values that peers have to send.</summary>
    public const string Required = " required";

    private const string Separator = " = ";

    /// <summary>The key that contains this one, such as that of an argument's method; null for services and types.</summary>
    public string? Owner { get; init; }

    /// <summary>The peers that break if this fact is new and its owner is not; null if none do.</summary>
    public string? BreaksWhenAdded { get; init; }

    /// <summary>Whether the part occurs in requests.</summary>
    public bool IsSent { get; init; }

    /// <summary>Whether the part occurs in replies.</summary>
    public bool IsReceived { get; init; }

    /// <summary>Whether the only change is that a required part became optional, which breaks no peer.</summary>
    public bool Relaxes(string shipped) => shipped == Value + Required;

    /// <summary>The peers that break because the fact was shipped with another value.</summary>
    public string BreaksWhenChanged(string shipped)
    {
        if (Value == shipped + Required && BreaksWhenAdded is { } who)
        {
            return who;
        }

        if (IsOptional(Value, shipped))
        {
            return Peers("old servers", "old clients", "old clients and old servers") + ", which can get null,";
        }

        return IsOptional(shipped, Value)
            ? Peers("old clients", "new clients of old servers", "old clients, and new clients of old servers") + ", which can send null,"
            : "old clients and old servers";
    }

    /// <summary>Whether the first value is the nullable form of the second.</summary>
    private static bool IsOptional(string one, string other) =>
        one == (other.EndsWith(Required, StringComparison.Ordinal) ? other.Substring(0, other.Length - Required.Length) + "?" + Required : other + "?");

    private string Peers(string ofRequests, string ofReplies, string ofBoth) => (IsSent, IsReceived) switch
    {
        (true, false) => ofRequests,
        (false, true) => ofReplies,
        _ => ofBoth,
    };

    /// <summary>The fact as a line of the file.</summary>
    public string Line => Key + Separator + Value;

    /// <summary>Parses a line; null for an empty line or a comment.</summary>
    public static (string Key, string Value)? Parse(string line)
    {
        line = line.Trim();
        int end = line.IndexOf(Separator, StringComparison.Ordinal);
        return line.Length == 0 || line[0] == '#' ? null
            : end < 0 ? (line, "")
            : (line.Substring(0, end), line.Substring(end + Separator.Length));
    }

    /// <summary>The peers that break because the part with the given key was removed.</summary>
    public static string BreaksWhenRemoved(string key) => key.Split(' ')[0] switch
    {
        "service" or "method" => "old clients, which still call it,",
        "exchange" => "old clients, which still publish to it,",
        "argument" => "old servers, which still require it,",
        "fault" => "old clients, which still catch it,",
        "member" => "old clients and old servers that still read it",
        _ => "old clients and old servers that still send it",
    };
}
