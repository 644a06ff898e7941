namespace RpcGen.Diagnostics;

/// <summary>The header of W3C Baggage: percent-encoded <c>name=value</c> entries, separated by commas.</summary>
internal static class W3CBaggage
{
    /// <summary>The length that every reader must accept, according to the W3C recommendation.</summary>
    private const int MaxLength = 8192;

    /// <summary>Writes the header; null if there are no entries. Entries that do not fit are left out.</summary>
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

    /// <summary>Reads a header from an untrusted sender. Skips invalid entries and the properties of entries.</summary>
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

        entries.Reverse(); // an Activity enumerates its baggage in reverse order
        return entries;
    }
}
