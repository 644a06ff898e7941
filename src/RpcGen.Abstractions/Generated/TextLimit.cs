namespace RpcGen.Generated;

/// <summary>Shortens texts that a peer can make as long as it likes.</summary>
internal static class TextLimit
{
    private const char Ellipsis = '…';

    /// <summary>The text, or its beginning and an ellipsis if it has more than <paramref name="maxLength"/> characters.</summary>
    public static string Shorten(string text, int maxLength) =>
        text.Length <= maxLength ? text : string.Concat(Beginning(text, maxLength - 1), [Ellipsis]);

    /// <summary>At most <paramref name="length"/> characters. A surrogate pair is not split.</summary>
    public static ReadOnlySpan<char> Beginning(ReadOnlySpan<char> text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        return text[..(length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
