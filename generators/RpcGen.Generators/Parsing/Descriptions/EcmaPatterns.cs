namespace RpcGen.Generators.Parsing.Descriptions;

/// <summary>Recognizes regular expressions that mean the same in .NET and in ECMAScript, which JSON Schema uses.</summary>
internal static class EcmaPatterns
{
    private const string Escapes = "dDwWsSbBnrtfv0123456789.^$|()[]{}*+?/\\-";

    private static readonly string[] Groups = ["(?:", "(?=", "(?!", "(?<=", "(?<!"];

    /// <summary>Whether the pattern uses only what both know. A doubt is a no.</summary>
    public static bool IsPortable(string pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
            {
                if (++i == pattern.Length || Escapes.IndexOf(pattern[i]) < 0)
                {
                    return false;
                }
            }
            else if (pattern[i] == '(' && i + 1 < pattern.Length && pattern[i + 1] == '?' && !Array.Exists(Groups, group => string.CompareOrdinal(pattern, i, group, 0, group.Length) == 0))
            {
                return false;
            }
            else if (pattern[i] == '-' && i + 1 < pattern.Length && pattern[i + 1] == '[')
            {
                return false; // subtracts a class from another
            }
        }

        return true;
    }
}
