namespace RpcGen.Diagnostics;

/// <summary>The header of W3C Baggage: <c>name=value</c>, joined by commas, escaped with percent signs.</summary>
internal static class W3CBaggage
{
    /// <summary>As much as every reader has to take, by the recommendation.</summary>
    private const int MaxLength = 8192;

    /// <summary>Writes the header; null for none. What does not fit is left out.</summary>
    public static string? Write(IEnumerable<KeyValuePair<string, string?>> entries)
    {
        string? header = null;
        foreach ((string name, string? value) in entries)
        {
            string entry = $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value ?? "")}";
            if (name.Length > 0 && (header?.Length ?? 0) + entry.Length < MaxLength)
            {
                header = header is null ? entry : $"{header},{entry}";
            }
        }

        return header;
    }

    /// <summary>Reads a header from anyone: what is no entry is left out, and properties of entries are.</summary>
    public static List<(string Name, string Value)> Read(string header)
    {
        var entries = new List<(string, string)>();
        if (header.Length > MaxLength)
        {
            return entries;
        }

        foreach (string entry in header.Split(','))
        {
            string[] parts = entry.Split(';')[0].Split('=', 2);
            if (parts is [var name, var value] && name.Trim() is { Length: > 0 } trimmed)
            {
                entries.Add((Uri.UnescapeDataString(trimmed), Uri.UnescapeDataString(value.Trim())));
            }
        }

        entries.Reverse(); // an Activity enumerates what was added last first
        return entries;
    }
}
