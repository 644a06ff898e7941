namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>Names the flags of <c>[JsonNumberHandling]</c>.</summary>
internal static class WireNumbers
{
    /// <summary>The flag that lets numbers be read from texts.</summary>
    public const string ReadsText = "AllowReadingFromString";

    private static readonly string[] Names = [ReadsText, "WriteAsString", "AllowNamedFloatingPointLiterals"];

    public static string Of(int flags)
    {
        string names = string.Join(", ", Names.Where((_, bit) => (flags & (1 << bit)) != 0));
        return names.Length == 0 ? "Strict" : names;
    }
}
