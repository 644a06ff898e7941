using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>One thing that peers rely on, as a line of <c>RpcContracts.Shipped.txt</c> has it: <c>argument Orders/Place/order = Demo.Order required</c>.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Value">How it is.</param>
/// <param name="Where">What declares it.</param>
internal sealed record WireFact(string Key, string Value, ISymbol Where)
{
    private const string Separator = " = ";

    /// <summary>The thing of which this is a part, such as an argument's method; null for services and types.</summary>
    public string? Owner { get; init; }

    /// <summary>Who breaks where it is new and its owner is not: null where nobody does.</summary>
    public string? BreaksWhenAdded { get; init; }

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
