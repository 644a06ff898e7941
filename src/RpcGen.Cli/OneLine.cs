namespace RpcGen.Cli;

/// <summary>Keeps text of a peer from looking like further lines or columns of the tool's own.</summary>
internal static class OneLine
{
    /// <summary>The text with line breaks and tabs escaped.</summary>
    public static string Of(string text) => text.AsSpan().ContainsAny('\r', '\n', '\t')
        ? text.Replace("\r", "\\u000d", StringComparison.Ordinal).Replace("\n", "\\u000a", StringComparison.Ordinal).Replace("\t", "\\u0009", StringComparison.Ordinal)
        : text;
}
