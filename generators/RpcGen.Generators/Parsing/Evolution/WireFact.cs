using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>
/// One fact about a contract that peers rely on. In <c>RpcContracts.Shipped.txt</c> it is a line such as
/// <c>argument Orders/Place/order = Demo.Order required</c>.
/// </summary>
/// <param name="Key">The part of the contract: a kind and a path.</param>
/// <param name="Value">The part's type or form.</param>
/// <param name="Where">The symbol that declares the part.</param>
internal sealed record WireFact(string Key, string Value, ISymbol Where)
{
    private const string Separator = " = ";

    /// <summary>The key that contains this one, such as that of an argument's method; null for services and types.</summary>
    public string? Owner { get; init; }

    /// <summary>The peers that break if this fact is new and its owner is not; null if none do.</summary>
    public string? BreaksWhenAdded { get; init; }

    /// <summary>Whether the part occurs in requests.</summary>
    public bool IsSent { get; init; }

    /// <summary>Whether the part occurs in replies.</summary>
    public bool IsReceived { get; init; }

    /// <summary>The kind of the part, with which its key begins.</summary>
    public string Kind => KindOf(Key);

    /// <summary>The fact as a line of the file.</summary>
    public string Line => Key + Separator + Value;

    /// <summary>The kind of the part that a key names.</summary>
    public static string KindOf(string key) => key.Split(' ')[0];

    /// <summary>Parses a line; null for an empty line or a comment.</summary>
    public static (string Key, string Value)? Parse(string line)
    {
        line = line.Trim();
        int end = line.IndexOf(Separator, StringComparison.Ordinal);
        return line.Length == 0 || line[0] == '#' ? null
            : end < 0 ? (line, "")
            : (line.Substring(0, end), line.Substring(end + Separator.Length));
    }
}
