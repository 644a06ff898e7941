using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>One thing that peers rely on, as a line of <c>RpcContracts.Shipped.txt</c> has it: <c>argument Orders/Place/order = Demo.Order required</c>.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Value">How it is.</param>
/// <param name="Where">What declares it.</param>
internal sealed record WireFact(string Key, string Value, ISymbol Where)
{
    /// <summary>What the values of that end in which peers have to send.</summary>
    public const string Required = " required";

    private const string Separator = " = ";

    /// <summary>The thing of which this is a part, such as an argument's method; null for services and types.</summary>
    public string? Owner { get; init; }

    /// <summary>Who breaks where it is new and its owner is not: null where nobody does.</summary>
    public string? BreaksWhenAdded { get; init; }

    /// <summary>Whether it is part of requests.</summary>
    public bool IsSent { get; init; }

    /// <summary>Whether it is part of replies.</summary>
    public bool IsReceived { get; init; }

    /// <summary>Whether it only no longer insists on what was shipped as required: peers that send it are understood as before.</summary>
    public bool Relaxes(string shipped) => shipped == Value + Required;

    /// <summary>Who breaks where it was shipped otherwise.</summary>
    public string BreaksWhenChanged(string shipped)
    {
        if (Value == shipped + Required && BreaksWhenAdded is { } who)
        {
            return who;
        }

        if (IsOptional(Value, shipped))
        {
            return Peers("old servers", "old clients", "old clients and old servers") + ", which may get null,";
        }

        return IsOptional(shipped, Value)
            ? Peers("old clients", "new clients of old servers", "old clients, and new clients of old servers") + ", which may send null,"
            : "old clients and old servers";
    }

    /// <summary>Whether one value is the other with null allowed.</summary>
    private static bool IsOptional(string one, string other) =>
        one == (other.EndsWith(Required, StringComparison.Ordinal) ? other.Substring(0, other.Length - Required.Length) + "?" + Required : other + "?");

    private string Peers(string ofRequests, string ofReplies, string ofBoth) => (IsSent, IsReceived) switch
    {
        (true, false) => ofRequests,
        (false, true) => ofReplies,
        _ => ofBoth,
    };

    public string Line => Key + Separator + Value;

    /// <summary>A line taken apart; null for an empty one or a comment.</summary>
    public static (string Key, string Value)? Parse(string line)
    {
        line = line.Trim();
        int end = line.IndexOf(Separator, StringComparison.Ordinal);
        return line.Length == 0 || line[0] == '#' ? null
            : end < 0 ? (line, "")
            : (line.Substring(0, end), line.Substring(end + Separator.Length));
    }

    /// <summary>Who breaks where it is gone.</summary>
    public static string BreaksWhenRemoved(string key) => key.Split(' ')[0] switch
    {
        "service" or "method" => "old clients, which still call it,",
        "argument" => "old servers, which still want it,",
        "fault" => "old clients, which still catch it,",
        "member" => "old clients and old servers that still read it",
        _ => "old clients and old servers that still send it",
    };
}
