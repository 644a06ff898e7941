namespace RpcGen.Cli;

/// <summary>Writes columns of text.</summary>
internal static class Table
{
    private const string Gap = "  ";

    /// <summary>Writes the rows, the first one being the head.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows)
    {
        rows = [.. rows.Select(row => row.Select(OneLine.Of).ToArray())];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            output.WriteLine(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
